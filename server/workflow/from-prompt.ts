import { isPromptLink } from '../shared/prompt.ts'
import { type Catalogue, createDraft, type Draft, type DraftNode, pinIn, resolveType } from './draft.ts'
import { brief, isObject, type JsonObject, textIn } from './json.ts'
import type { Notices } from './notices.ts'

/** Whether an object reads as a prompt: nodes with a class_type, and hardly anything else. */
export function looksLikePrompt(value: unknown): value is JsonObject {
  if (!isObject(value as JsonObject)) return false
  const entries = Object.values(value as JsonObject)
  const nodes = entries.filter(isPromptEntry).length
  return nodes > 0 && nodes * 2 > entries.length
}

function isPromptEntry(entry: unknown): boolean {
  const node = entry as JsonObject
  return (
    isObject(node) &&
    typeof node.class_type === 'string' &&
    (isObject(node.inputs) || node.inputs === undefined)
  )
}

/** Reads a prompt (API format) as it stands; only names of types are put right. */
export function fromPrompt(stored: JsonObject, catalogue: Catalogue, notices: Notices): Draft {
  const draft = createDraft()
  for (const [nodeId, entry] of Object.entries(stored)) {
    if (!isObject(entry) || !isPromptEntry(entry)) {
      notices.add('node-unreadable', 'an entry of the prompt is no node and was left out', nodeId)
      continue
    }
    const written = textIn(entry.class_type) ?? ''
    const meta = isObject(entry._meta) ? entry._meta : {}
    draft.nodes.set(nodeId, {
      ...resolveType(catalogue, written, nodeId, draft, notices),
      inputs: new Map(Object.entries(isObject(entry.inputs) ? entry.inputs : {})),
      title: textIn(meta.title),
      frozen: pinIn(meta.frozen),
    })
  }
  for (const [nodeId, node] of draft.nodes) checkLinks(nodeId, node, draft, notices)
  return draft
}

/** Links to nothing are reported and left as written: a prompt is an exact record, and the executor says what is missing. */
function checkLinks(nodeId: string, node: DraftNode, draft: Draft, notices: Notices): void {
  for (const [name, value] of node.inputs) {
    if (isPromptLink(value)) {
      if (draft.nodes.has(value[0])) continue
      const why = `the node ${brief(value[0])} it comes from is not in the file`
      draft.brokenLinks.push({ nodeId, input: name, why })
    } else if (Array.isArray(value) && value.length === 2 && typeof value[0] === 'number') {
      // Written by hand: [4, 0] instead of ["4", 0]. Only where no value can be meant.
      const isSocket = node.definition?.inputs.get(name)?.widget === false
      if (!isSocket || !draft.nodes.has(String(value[0])) || typeof value[1] !== 'number') continue
      node.inputs.set(name, [String(value[0]), value[1]])
      notices.add(
        'link-number',
        `the input ${name} names its source by a number; it is read as a link`,
        nodeId,
      )
    }
  }
}
