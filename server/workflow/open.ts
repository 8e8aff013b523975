import { BridgeError } from '../shared/errors.ts'
import { decodeText } from './binary.ts'
import { textsIn } from './embedded/index.ts'
import type { Notices } from './notices.ts'
import { isPng, readPngTexts } from './png-text.ts'
import { type Found, recogniseText } from './recognise.ts'

/** A found workflow or prompt, what kind of file it was inside of, and the texts as they were. */
export type Opened = Found & { readonly carrier?: 'png' | 'media'; readonly texts: readonly string[] }

export const defaultMaxBytes = 100_000_000
/** What one text inside a picture or video may unpack to: real ones stay below 2 MB. */
const maxTextBytes = 64_000_000

/** Bytes or text -> what they hold. Throws BridgeError for everything that is no workflow. */
export function openSource(source: Uint8Array | string, maxBytes: number, notices: Notices): Opened {
  const size = typeof source === 'string' ? Buffer.byteLength(source) : source.length
  if (size > maxBytes) {
    throw new BridgeError(`the file is larger than ${Math.max(1, Math.floor(maxBytes / 1e6))} MB`, {
      code: 'workflow-too-big',
      hint: 'Workflows are a few MB at most; open the workflow file itself.',
    })
  }
  if (typeof source !== 'string') {
    const limit = Math.min(maxBytes, maxTextBytes)
    if (isPng(source)) return openPng(source, limit, notices)
    const texts = textsIn(source, limit)
    if (texts.size > 0) {
      const { failure, ...found } = openTexts(texts, 'file', notices)
      if (failure) throw failure
      return { ...found, carrier: 'media', texts: [...texts.values()] }
    }
  }
  const text = typeof source === 'string' ? source : decodeText(source)
  return { ...recogniseText(text, notices), texts: [text] }
}

function openPng(bytes: Uint8Array, limit: number, notices: Notices): Opened {
  const { texts, damaged } = readPngTexts(bytes, limit)
  const { failure, ...found } = openTexts(texts, 'PNG', notices)
  if (!found.workflow && !found.prompt) throw failure ?? without(texts, damaged)
  if (damaged)
    notices.add('png-damaged', 'the PNG is damaged; what it says about its workflow was still readable')
  return { ...found, carrier: 'png', texts: [...texts.values()] }
}

/** Workflow and prompt out of the texts of those names; `failure` is what was wrong when neither is good. */
function openTexts(
  texts: ReadonlyMap<string, string>,
  where: 'PNG' | 'file',
  notices: Notices,
): Found & { readonly failure?: BridgeError } {
  const found: Found[] = []
  let failure: BridgeError | undefined
  for (const name of ['workflow', 'prompt']) {
    const text = texts.get(name)
    if (text === undefined) continue
    try {
      found.push(recogniseText(text, notices))
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error
      // The other text may still be good; only when none is does the first failure count.
      failure ??= error
      notices.add('png-text', `the ${name} inside the ${where} could not be read: ${error.message}`)
    }
  }
  const workflow = found.find(item => item.workflow)?.workflow
  const prompt = found.findLast(item => item.prompt)?.prompt
  return {
    kind: workflow ? 'workflow' : 'prompt',
    ...(workflow && { workflow }),
    ...(prompt && { prompt }),
    ...(failure && !workflow && !prompt && { failure }),
  }
}

function without(texts: ReadonlyMap<string, string>, damaged: boolean): BridgeError {
  if (damaged) {
    return new BridgeError('this PNG is damaged and no workflow could be read from it', {
      code: 'workflow-png-damaged',
      hint: 'Download it again; programs that send pictures often change them.',
    })
  }
  const parameters = texts.get('parameters')
  if (parameters !== undefined) {
    return new BridgeError('this PNG was made with A1111 (Stable Diffusion web UI) and holds no graph', {
      code: 'workflow-a1111',
      hint: 'Its prompt and settings are in it as text; the graph is to be made here.',
      found: parameters.slice(0, 20_000),
    })
  }
  return new BridgeError('this PNG holds no workflow', {
    code: 'workflow-png-without',
    hint: 'Chat programs and picture sites remove it; ask for the original PNG or for the workflow as JSON.',
  })
}
