import { BridgeError } from '../shared/errors.ts'
import type { JsonValue } from '../shared/lossless-json.ts'
import { looksLikePrompt } from './from-prompt.ts'
import { isObject, type JsonObject, listIn } from './json.ts'
import type { Notices } from './notices.ts'
import { readJsonText } from './read-text.ts'

/** What a file turned out to hold; at least one of the two. */
export type Found = {
  readonly kind: 'workflow' | 'prompt' | 'wrapper'
  readonly workflow?: JsonObject
  readonly prompt?: JsonObject
}

/** JSON text -> the workflow or prompt in it, or a BridgeError that says what it looks like. */
export function recogniseText(text: string, notices: Notices): Found {
  return recognise(parseNoting(text, notices), notices)
}

function parseNoting(text: string, notices: Notices): JsonValue {
  const { value, pythonNumbers } = readJsonText(text)
  if (pythonNumbers > 0) {
    notices.add(
      'not-a-number',
      `NaN or Infinity, which JSON does not know, was read as null (${pythonNumbers} times)`,
    )
  }
  return value
}

function recognise(value: JsonValue, notices: Notices): Found {
  // Some tools store JSON as one JSON text; one layer of that is opened.
  const opened = typeof value === 'string' && /^\s*\{/.test(value) ? parseNoting(value, notices) : value
  if (isObject(opened)) {
    if (looksLikeWorkflow(opened)) return { kind: 'workflow', workflow: opened }
    if (looksLikePrompt(opened)) return { kind: 'prompt', prompt: opened }
    const wrapped = unwrap(opened, notices)
    if (wrapped) return wrapped
  }
  throw new BridgeError(`this is no workflow: it looks like ${likeness(opened)}`, {
    code: 'workflow-unrecognised',
    hint: 'Open a file saved by ComfyUI (Save, Export or Export (API)), or a PNG that ComfyUI made.',
  })
}

function looksLikeWorkflow(value: JsonValue | undefined): value is JsonObject {
  if (!isObject(value) || Array.isArray(value.templates)) return false
  const { nodes, links } = value
  if (nodes !== undefined && nodes !== null && !Array.isArray(nodes)) return false
  const isSaved =
    typeof value.version === 'number' && (Object.hasOwn(value, 'last_node_id') || isObject(value.state))
  if (Array.isArray(nodes)) {
    if (Array.isArray(links) || isSaved) return true
    // React Flow and n8n also keep `nodes`; theirs come with edges or connections.
    if (Object.hasOwn(value, 'edges') || Object.hasOwn(value, 'connections')) return false
    return nodes.some(node => isObject(node) && typeof node.type === 'string' && node.id !== undefined)
  }
  return isSaved && Array.isArray(links)
}

/** Request bodies, answers of RunningHub's getJsonApiFormat, and files that hold workflow and prompt side by side. */
function unwrap(body: JsonObject, notices: Notices): Found | undefined {
  const data = isObject(body.data) ? body.data : body
  const prompt = [body.prompt, body.output, data.prompt]
    .map(value => (typeof value === 'string' ? parseQuietly(value, notices) : value))
    .find(looksLikePrompt)
  const extraData = isObject(body.extra_data) ? body.extra_data : {}
  const pngInfo = isObject(extraData.extra_pnginfo) ? extraData.extra_pnginfo : {}
  const workflow = [body.workflow, pngInfo.workflow, data.workflow, body.prompt]
    .map(value => (typeof value === 'string' ? parseQuietly(value, notices) : value))
    .find(looksLikeWorkflow)
  if (!prompt && !workflow) return undefined
  return { kind: 'wrapper', ...(workflow && { workflow }), ...(prompt && { prompt }) }
}

function parseQuietly(text: string, notices: Notices): JsonValue | undefined {
  if (!/^\s*\{/.test(text)) return undefined
  try {
    return parseNoting(text, notices)
  } catch (error) {
    // A text under the name of a prompt that is no JSON is just a text: an image description, for example.
    if (error instanceof BridgeError) return undefined
    throw error
  }
}

function likeness(value: JsonValue): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length} entries`
  if (!isObject(value))
    return value === null ? 'the word null' : `a single ${typeof value === 'string' ? 'text' : 'value'}`
  const has = (name: string) => Object.hasOwn(value, name)
  if (Object.keys(value).length === 0) return 'an empty object'
  if (Array.isArray(value.templates)) return 'a file of node templates'
  if (has('nodes') && has('edges')) return 'a graph of another editor (React Flow)'
  if (has('nodes') && has('connections')) return 'a graph of another editor (n8n)'
  if (has('nodeInfoList')) return 'the body of a RunningHub API call'
  if (has('code') && has('msg')) return 'an answer of the RunningHub API'
  if (has('error') || has('node_errors')) return 'an error message of a server'
  if (has('name') && (has('dependencies') || has('devDependencies') || has('scripts')))
    return 'a package.json'
  if (has('lockfileVersion')) return 'a package-lock.json'
  if (has('compilerOptions')) return 'a tsconfig.json'
  if (has('exec_info') || has('queue_running')) return 'an answer of a ComfyUI server'
  const items = Object.values(value)
  if (items.every(item => isObject(item) && isObject(item.input) && Object.hasOwn(item, 'output'))) {
    return 'the node list of a ComfyUI server (object_info)'
  }
  if (items.every(item => isObject(item) && listIn(item.prompt).length >= 3))
    return 'the history of a ComfyUI server'
  return 'a JSON object of another kind'
}
