import type { NodeDefinition } from '../../nodes/define-node.ts'
import { notYetKnown } from '../../nodes/define-node.ts'
import type { Asset } from '../../nodes/values.ts'
import { uploadIsLarge, uploadTooBig } from '../runninghub/index.ts'
import { isPromptLink } from '../shared/prompt.ts'
import type { Facts } from './evaluate-ahead.ts'
import type { Foretold } from './foretell.ts'

/** What a file is by name and size, without reading it. */
export type Glance = Pick<Asset, 'name' | 'mediaType' | 'sizeBytes'>

/** A file some node will upload: the node and input that name it. */
type Upload = { readonly nodeId: string; readonly input: string; readonly link: boolean }

/** Formats that go from a loader to the cloud as they lie; others are written anew, and nobody knows how big they get. */
const asItLies = /^(image\/(png|jpeg)|video\/|audio\/)/

/**
 * Files that RunningHub would refuse for their size (809), and a warning of those near it: chosen at an uploader, or at a loader that feeds one. Told at the loader when
 * all it gives is uploaded, else at the uploader, so that what needs no upload can run.
 */
export async function foretellUploads(
  facts: Facts,
  definitionOf: (nodeId: string) => NodeDefinition | undefined,
  glance: (written: string) => Promise<Glance | undefined>,
): Promise<ReadonlyMap<string, readonly Foretold[]>> {
  const found = new Map<string, Foretold[]>()
  for (const nodeId of facts.order) {
    const definition = definitionOf(nodeId)
    if (!definition?.uploads) continue
    const given = facts.prompt[nodeId]?.inputs ?? {}
    const literals = facts.literals.get(nodeId) ?? {}
    const known = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [
        name,
        isPromptLink(value) ? notYetKnown : literals[name],
      ]),
    )
    for (const input of definition.uploads(known)) {
      const place = placeOf({ nodeId, input, link: false }, facts, definitionOf)
      const written = place && facts.literals.get(place.nodeId)?.[place.input]
      if (!place || typeof written !== 'string' || written.trim() === '') continue
      const file = await glance(written).catch(() => undefined)
      if (!file || (place.link && (!asItLies.test(file.mediaType) || file.mediaType === 'image/gif')))
        continue
      const tooBig = uploadTooBig(file)
      const problem = tooBig ?? uploadIsLarge(file)
      if (!problem) continue
      const isShared =
        place.link && consumers(place.nodeId, facts) > uploadsOf(place.nodeId, facts, definitionOf)
      const at = isShared ? { nodeId, input } : place
      const list = found.get(at.nodeId) ?? []
      if (list.some(other => other.input === at.input)) continue
      const { code, message, hint } = problem
      list.push({
        code,
        message: message.replace(/\.$/, ''),
        details: '',
        ...(hint !== undefined && { hint }),
        input: at.input,
        extra: { input_name: at.input },
        ...(!tooBig && { isWarning: true }),
      })
      found.set(at.nodeId, list)
    }
  }
  return found
}

/** Where the name of an input's file is written: there, or at the loader that feeds it. */
function placeOf(
  upload: Upload,
  { prompt }: Facts,
  definitionOf: (nodeId: string) => NodeDefinition | undefined,
): Upload | undefined {
  const value = prompt[upload.nodeId]?.inputs[upload.input]
  if (!isPromptLink(value)) return value === undefined ? undefined : upload
  const [source, slot] = value
  const input = slot === 0 ? definitionOf(source)?.givesFile : undefined
  return input === undefined ? undefined : { nodeId: source, input, link: true }
}

/** How many inputs a node feeds. */
function consumers(nodeId: string, { prompt, order }: Facts): number {
  return order.flatMap(id => linksFrom(nodeId, prompt[id]?.inputs ?? {})).length
}

function uploadsOf(
  nodeId: string,
  { prompt, order }: Facts,
  definitionOf: (nodeId: string) => NodeDefinition | undefined,
): number {
  return order.flatMap(id => {
    const inputs = prompt[id]?.inputs ?? {}
    const names = linksFrom(nodeId, inputs)
    const known = Object.fromEntries(names.map(name => [name, notYetKnown]))
    const uploads = definitionOf(id)?.uploads?.(known) ?? []
    return names.filter(name => uploads.includes(name))
  }).length
}

const linksFrom = (nodeId: string, inputs: Readonly<Record<string, unknown>>) =>
  Object.entries(inputs).flatMap(([name, value]) =>
    isPromptLink(value) && value[0] === nodeId ? [name] : [],
  )
