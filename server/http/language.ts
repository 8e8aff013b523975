import type { Request } from 'express'
import { type Language, linkOf, say } from '../../words/index.ts'

/** The language a client asks for with Accept-Language; English for one that asks for none. ComfyUI's own routes stay English. */
export function languageOf(request: Request): Language {
  return request.acceptsLanguages('en', 'zh') === 'zh' ? 'zh' : 'en'
}

type Told = { readonly code: string; readonly message: string; readonly hint?: string | null | undefined }

/** An error as a client reads it: the code stays, its words are in the language, and a page tells more where there is one. */
export function told({ code, message, hint = null }: Told, language: Language) {
  const link = linkOf(code, language)
  return {
    code,
    message: say(message, language),
    hint: hint === null ? null : say(hint, language),
    ...(link !== undefined && { link }),
  }
}
