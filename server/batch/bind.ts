import type { Catalogue } from '../executor/index.ts'
import { BridgeError } from '../shared/errors.ts'
import type { JsonValue } from '../shared/lossless-json.ts'
import type { Prompt } from '../shared/prompt.ts'
import type { Mapping, Row } from './types.ts'

/** A mapping whose nodes and inputs are there, as pairs of node id and input. */
export type BoundMapping = { readonly [column: string]: readonly { nodeId: string; input: string }[] }

/**
 * Finds what columns are mapped to. Throws BridgeError `bad-map` for a column no row has, an unknown node or input, a key, and
 * for one input that two columns want.
 */
export function bindMapping(
  mapping: Mapping,
  prompt: Prompt,
  columns: readonly string[],
  catalogue: Pick<Catalogue, 'find'>,
): BoundMapping {
  const taken = new Map<string, string>()
  const bound: Record<string, { nodeId: string; input: string }[]> = {}
  for (const [column, targets] of Object.entries(mapping)) {
    if (!columns.includes(column)) {
      throw badMap(`There is no column "${column}".`, `The columns: ${columns.join(', ')}.`)
    }
    bound[column] = targets.map(target => {
      const found = findInput(target, prompt, catalogue)
      const place = `${found.nodeId}.${found.input}`
      const other = taken.get(place)
      if (other !== undefined) {
        throw badMap(`"${other}" and "${column}" both go into ${place}.`, 'Map one of them elsewhere.')
      }
      taken.set(place, column)
      return found
    })
  }
  return bound
}

/** The prompt of one row: mapped inputs replaced, links to them cut, and outputs called after the row. */
export function bindRow(
  prompt: Prompt,
  mapping: BoundMapping,
  row: Row,
  names: { readonly folder: string; readonly name: string },
): Prompt {
  const bound: Record<string, Prompt[string]> = Object.assign(Object.create(null), prompt)
  const write = (nodeId: string, input: string, value: JsonValue) => {
    const node = bound[nodeId]
    if (node) bound[nodeId] = { ...node, inputs: { ...node.inputs, [input]: value } }
  }
  for (const [column, targets] of Object.entries(mapping)) {
    const value = row[column]
    // A row without that column leaves what stands in the graph.
    if (value === undefined) continue
    for (const { nodeId, input } of targets) write(nodeId, input, value)
  }
  const savers = Object.entries(bound).filter(([, node]) => typeof node.inputs.filename_prefix === 'string')
  for (const [nodeId] of savers) {
    const suffix = savers.length > 1 ? `_${nodeId}` : ''
    const path = names.folder === '' ? names.name : `${names.folder}/${names.name}`
    write(nodeId, 'filename_prefix', `${path}${suffix}`)
  }
  return bound as Prompt
}

/** `{prompt}-{seed}` with a row's values, fit for a file name; the number of the row where nothing is left. */
export function nameOfRow(pattern: string, row: Row, index: number): string {
  const number = String(index + 1).padStart(5, '0')
  const filled = (pattern.trim() === '' ? number : pattern).replace(/\{([^{}]+)\}/g, (_, column: string) =>
    column === 'row' ? number : (row[column] ?? ''),
  )
  return fitForFile(filled) || number
}

/** Neither a path nor a token: what is left of a text as one part of a file name. */
export function fitForFile(text: string): string {
  const plain = text
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}<>:"/\\|?*%]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^[.]+|(?<![. ])[. ]+$/g, '')
  return [...plain].slice(0, 60).join('').trim()
}

/** Whether one of a combo's choices brings the input along: `format.quality`. */
function isBrought(
  definition: NonNullable<ReturnType<Catalogue['find']>>['definition'] | undefined,
  input: string,
): boolean {
  const [combo = '', brought = ''] = input.split('.')
  const choices = Object.values(definition?.inputs.get(combo)?.choices ?? {})
  return choices.some(choice => Object.hasOwn(choice, brought))
}

function findInput(target: string, prompt: Prompt, catalogue: Pick<Catalogue, 'find'>) {
  for (let dot = target.indexOf('.'); dot > 0; dot = target.indexOf('.', dot + 1)) {
    const nodeId = nodeCalled(target.slice(0, dot).trim(), prompt)
    const input = target.slice(dot + 1).trim()
    const node = nodeId === undefined ? undefined : prompt[nodeId]
    if (nodeId === undefined || !node || input === '') continue
    const definition = catalogue.find(node.class_type)?.definition
    const declared = definition?.inputs.get(input)
    const isThere =
      declared !== undefined || definition?.moreInputs?.(input) !== undefined || isBrought(definition, input)
    if (declared?.secret)
      throw badMap(`${target} takes an API key.`, 'Keys stand in the key store, never in a table.')
    if (definition && !isThere) {
      throw badMap(
        `Node ${nodeId} (${definition.type}) has no input "${input}".`,
        `Its inputs: ${[...definition.inputs.keys()].join(', ')}.`,
      )
    }
    return { nodeId, input }
  }
  throw badMap(
    `"${target}" names no input of the graph.`,
    'Write NODE.INPUT, NODE being an id or a title, as in 6.text.',
  )
}

function nodeCalled(name: string, prompt: Prompt): string | undefined {
  if (Object.hasOwn(prompt, name)) return name
  const called = Object.entries(prompt).filter(([, node]) => node._meta?.title === name)
  return called.length === 1 ? called[0]?.[0] : undefined
}

function badMap(message: string, hint: string): BridgeError {
  return new BridgeError(message, { code: 'bad-map', hint })
}
