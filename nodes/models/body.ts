import type { ModelInputs } from './inputs.ts'
import type { PromptSuffix, WidgetParam } from './model.ts'

/** The choice of a list that means: do not send this field, let the model decide. */
const leftOut = 'empty'

export type ModelBody = { readonly [field: string]: unknown }

/**
 * What is sent for a model: values by field, addresses of media by the input they came in. Empty texts and the choice `empty` leave their
 * field out (RunningHub: how an entry becomes a node).
 */
export function modelBody(
  { widgets, media }: Pick<ModelInputs, 'widgets' | 'media'>,
  inputs: Readonly<Record<string, unknown>>,
  addresses: ReadonlyMap<string, string>,
): ModelBody {
  const body = new Map<string, unknown>()
  const suffixes: { suffix: PromptSuffix; value: string }[] = []
  for (const param of widgets) {
    const value = inputs[param.key]
    if (value === undefined || value === null) continue
    if (param.suffix) {
      if (!param.suffix.skip.includes(String(value)))
        suffixes.push({ suffix: param.suffix, value: String(value) })
      continue
    }
    const sent = wireValue(param, value)
    if (sent !== undefined) body.set(param.key, sent)
  }
  for (const { suffix, value } of suffixes) {
    if (value === '') continue
    const before = String(body.get(suffix.target) ?? '')
    const text = templateFor(suffix, before).replaceAll('{value}', value)
    body.set(suffix.target, before === '' ? text.trimStart() : before + text)
  }
  for (const { name, param, isArray } of media) {
    const address = addresses.get(name)
    if (address === undefined) continue
    if (isArray) body.set(param.key, [...((body.get(param.key) as string[]) ?? []), address])
    else body.set(param.key, address)
  }
  return Object.fromEntries(body)
}

function wireValue({ kind, options }: WidgetParam, value: unknown): unknown {
  if (kind === 'INT' || kind === 'FLOAT') return typeof value === 'bigint' ? value : Number(value)
  if (kind === 'BOOLEAN') return value === true
  const text = String(value)
  if (kind === 'LIST' && options.length > 0) return text === leftOut ? undefined : text
  return text.trim() === '' ? undefined : text.trim()
}

/** In the language of the text it is written behind. */
function templateFor({ template }: PromptSuffix, text: string): string {
  const { zh, en } = template
  return (isMostlyChinese(text) ? (zh ?? en) : (en ?? zh)) ?? ' {value}'
}

/** A third of the letters is enough: names and terms in Chinese prompts are often Latin. */
function isMostlyChinese(text: string): boolean {
  const chinese = text.match(/[\u4e00-\u9fff]/g)?.length ?? 0
  const latin = text.match(/[a-z]/gi)?.length ?? 0
  return chinese > 0 && chinese / (chinese + latin) >= 0.3
}
