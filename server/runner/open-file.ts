import { readFile, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { inputsFor, type NodeDefinition } from '../../nodes/define-node.ts'
import { pathInside } from '../assets/index.ts'
import type { Bridge } from '../main.ts'
import { BridgeError, systemCodeOf } from '../shared/errors.ts'
import { type JsonValue, parseJson } from '../shared/lossless-json.ts'
import type { Prompt, PromptNode } from '../shared/prompt.ts'
import { isPlaceholderKey, keyReference } from '../shared/secrets.ts'
import type { ReadWorkflow } from '../workflow/index.ts'

export type OpenedFile = ReadWorkflow & {
  /** With the values of --set, ready to be checked. */
  readonly prompt: Prompt
  /** Keys lifted out of the file or given with --set, by reference name. */
  readonly liftedKeys: ReadonlyMap<string, string>
  /** Media that lie outside the input folder, by the name the prompt has for them; with `adopt` none is left. */
  readonly foundMedia: ReadonlySet<string>
}

export type OpenOptions = { readonly sets: readonly string[]; readonly adopt: boolean }

const maxFileBytes = 200 * 1024 * 1024

/**
 * Reads a workflow file, puts the --set values in and finds the media it names. `adopt` copies those that lie beside the file, or were
 * named with --set, into the input folder; without it they are only looked for. Throws BridgeError for what is unusable.
 */
export async function openFile(bridge: Bridge, path: string, options: OpenOptions): Promise<OpenedFile> {
  return openContent(bridge, { content: await readBytes(path), besides: dirname(resolve(path)) }, options)
}

/** The same for what was read already. `besides` is the folder in which media it names may lie; there is none for what is no file. */
export async function openContent(
  bridge: Bridge,
  { content, besides }: { content: Uint8Array | string; besides?: string },
  options: OpenOptions,
): Promise<OpenedFile> {
  const read = bridge.read(content)
  const liftedKeys = new Map(read.keys.map(({ name, key }) => [name, key]))
  const named: { nodeId: string; input: string }[] = []
  let { prompt } = read
  for (const [index, set] of options.sets.entries()) {
    const found = findTarget(bridge, prompt, set)
    let { value } = found
    if (isSecret(found) && typeof value === 'string' && !isPlaceholderKey(value)) {
      // A key on the command line goes the way of a key in the file: it never stands in a prompt.
      const name = `set-${index + 1}`
      liftedKeys.set(name, value.trim())
      value = keyReference(name)
    }
    prompt = withInput(prompt, found.nodeId, found.input, value)
    named.push({ nodeId: found.nodeId, input: found.input })
  }
  return { ...read, ...(await findMedia(bridge, prompt, besides, named, options)), liftedKeys }
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    const facts = await stat(path)
    if (facts.isDirectory()) {
      throw new BridgeError(`"${path}" is a folder`, { code: 'file', hint: 'Name a workflow file in it.' })
    }
    if (facts.size > maxFileBytes) {
      throw new BridgeError(
        `"${path}" has ${Math.round(facts.size / 1024 / 1024)} MB: too big for a workflow`,
        {
          code: 'workflow-too-big',
          hint: 'Workflow files are a few hundred KB at most.',
        },
      )
    }
    return await readFile(path)
  } catch (error) {
    if (error instanceof BridgeError) throw error
    const missing = systemCodeOf(error) === 'ENOENT'
    throw new BridgeError(missing ? `There is no file "${path}"` : `"${path}" cannot be read`, {
      code: 'file',
      hint: missing ? 'Check the name and the folder.' : 'Check the rights of the file.',
      cause: error,
    })
  }
}

/** An input for a key: declared as such, or of a node nobody knows and called so. */
function isSecret({ definition, input }: Target): boolean {
  return definition ? definition.inputs.get(input)?.secret === true : /api[-_]?key|token|secret/i.test(input)
}

type Target = { nodeId: string; input: string; value: JsonValue; definition: NodeDefinition | undefined }

/** Behind an id that is there, for inputs with dots in their names (`1.6.text`); else the last one, for titles with dots. */
function dotBehindNode(prompt: Prompt, name: string): number {
  for (let dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) {
    if (Object.hasOwn(prompt, name.slice(0, dot).trim())) return dot
  }
  return name.lastIndexOf('.')
}

/** `NODE.INPUT=VALUE`: NODE an id, a title, or a node type that stands only once. */
function findTarget(bridge: Bridge, prompt: Prompt, set: string): Target {
  const equals = set.indexOf('=')
  const dot = dotBehindNode(prompt, set.slice(0, Math.max(0, equals)))
  if (equals < 0 || dot < 1) {
    // What stands behind the sign may be a key.
    const shown = equals < 0 ? set : `${set.slice(0, equals)}=…`
    throw new BridgeError(`"--set ${shown}" is not understood`, {
      code: 'bad-set',
      hint: 'Write --set NODE.INPUT=VALUE, NODE being an id or a title, as in --set 6.text="a red fox".',
    })
  }
  const [node, input, text] = [
    set.slice(0, dot).trim(),
    set.slice(dot + 1, equals).trim(),
    set.slice(equals + 1),
  ]
  const nodeId = findNode(bridge, prompt, node, 'bad-set')
  const target = prompt[nodeId]
  const definition = target && bridge.catalogue.find(target.class_type)?.definition
  const inputs = definition && inputsFor(definition, { ...target.inputs, [input]: text })
  if (definition && !inputs?.has(input)) {
    throw new BridgeError(`Node ${nodeId} (${definition.type}) has no input "${input}"`, {
      code: 'bad-set',
      hint: `Its inputs: ${[...inputsFor(definition, target.inputs).keys()].join(', ')}.`,
    })
  }
  return { nodeId, input, definition, value: readValue(text, inputs?.get(input)) }
}

/** The ids of nodes to make anew: those named by id or title, and with `everything` all others that are not frozen. Throws `bad-force`. */
export function forceOf(
  bridge: Bridge,
  prompt: Prompt,
  { nodes, everything }: { nodes: readonly string[]; everything: boolean },
): readonly string[] {
  const named = nodes.map(node => findNode(bridge, prompt, node, 'bad-force'))
  const rest = everything ? Object.keys(prompt).filter(id => prompt[id]?._meta?.frozen === undefined) : []
  return [...rest, ...named]
}

/** The node an id, a title or a type that stands only once names. Throws an error of that code. */
function findNode(bridge: Bridge, prompt: Prompt, node: string, code: string): string {
  if (Object.hasOwn(prompt, node)) return node
  const entries = Object.entries(prompt)
  const named = (match: (node: PromptNode) => boolean) =>
    entries.filter(([, value]) => match(value)).map(([id]) => id)
  const lower = node.toLowerCase()
  for (const ids of [
    named(value => value._meta?.title === node),
    named(value => value._meta?.title?.toLowerCase() === lower),
    named(value => value.class_type === node),
    named(value => bridge.catalogue.find(value.class_type)?.definition.displayName.toLowerCase() === lower),
  ]) {
    const [only, ...others] = ids
    if (only === undefined) continue
    if (others.length === 0) return only
    throw new BridgeError(`"${node}" names ${ids.length} nodes: ${ids.join(', ')}`, {
      code,
      hint: 'Use the id of the one you mean.',
    })
  }
  const all = entries.map(([id, value]) => `${id} (${value._meta?.title ?? value.class_type})`)
  const shown = all.length > 20 ? [...all.slice(0, 20), `and ${all.length - 20} more`] : all
  throw new BridgeError(`There is no node "${node}"`, {
    code,
    hint: `The nodes: ${shown.join(', ')}.`,
  })
}

function readValue(text: string, input: { readonly spec: unknown } | undefined): JsonValue {
  const spec = input?.spec
  if (spec === 'BOOLEAN') return !/^(false|0|no|off|)$/i.test(text.trim())
  if (input) return text
  try {
    return parseJson(text)
  } catch {
    return text
  }
}

/** Where a picture may lie that the input folder does not have: where --set points, beside the file, in its `input` folder. */
async function findMedia(
  bridge: Bridge,
  prompt: Prompt,
  besides: string | undefined,
  named: readonly { nodeId: string; input: string }[],
  options: { adopt: boolean },
): Promise<{ prompt: Prompt; foundMedia: ReadonlySet<string> }> {
  let result = prompt
  const foundMedia = new Set<string>()
  for (const [nodeId, node] of Object.entries(prompt)) {
    const definition = bridge.catalogue.find(node.class_type)?.definition
    for (const [input, spec] of definition?.inputs ?? []) {
      const value = node.inputs[input]
      if (spec.files === undefined || typeof value !== 'string' || value.trim() === '') continue
      const bySet = named.some(set => set.nodeId === nodeId && set.input === input)
      const places = [...(bySet ? [resolve(value)] : []), ...placesBeside(besides, value)]
      if (!bySet && (await bridge.assets.exists(value))) continue
      const path = await firstFile(places)
      if (path === undefined) continue
      if (options.adopt) result = withInput(result, nodeId, input, await bridge.assets.adopt(path))
      else foundMedia.add(value)
    }
  }
  return { prompt: result, foundMedia }
}

/** A workflow may come from anybody: it fetches nothing from outside its folder, and nothing that is hidden there (`.ssh/…`). */
function placesBeside(besides: string | undefined, name: string): readonly string[] {
  if (besides === undefined || name.split(/[\\/]/).some(part => /^\s*\.(?!$)/.test(part))) return []
  return [besides, join(besides, 'input')].flatMap(folder => {
    try {
      return [pathInside(folder, name)]
    } catch {
      return []
    }
  })
}

async function firstFile(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const facts = await stat(path).catch(() => undefined)
    if (facts?.isFile()) return path
  }
  return undefined
}

function withInput(prompt: Prompt, nodeId: string, input: string, value: JsonValue): Prompt {
  const node = prompt[nodeId]
  if (!node) return prompt
  const copy: Record<string, PromptNode> = Object.assign(Object.create(null), prompt)
  copy[nodeId] = { ...node, inputs: { ...node.inputs, [input]: value } }
  return copy
}
