import { type Json, type JsonObject, writeJson } from '../api/index.ts'
import { type CloudField, cloudNodeTypes, fieldKey } from './cloud-fields.ts'

/** What is called: a cloud workflow or AI app by its id. */
export type CloudCall = { readonly kind: 'workflow' | 'app'; readonly id: string; readonly name: string }

type Part = {
  readonly type: string
  readonly at: readonly [number, number]
  readonly width: number
  readonly values: Json
  readonly title?: string
  readonly isMuted?: boolean
}
/** From a node's output to a named input of another; both are places in the list of parts. */
type Wire = readonly [from: number, output: number, to: number, input: string, type: string]

/**
 * One node with a widget for each field, and what shows its pictures: it runs as it is. A site other than the usual one stands in a
 * settings node, so that another key than its own is never meant.
 */
export function cloudNodeGraph(
  { kind, id, name }: CloudCall,
  fields: readonly CloudField[],
  otherSite?: string,
): JsonObject {
  const values = Object.fromEntries(fields.map(field => [fieldKey(field), startValue(field)]))
  const parts: Part[] = [
    {
      type: cloudNodeTypes[kind],
      at: [40, 80],
      width: 360,
      values: { ...values, target: id, fields: writeJson(fields) },
      ...(name !== '' && { title: name }),
    },
    saver(id, [480, 80]),
  ]
  const shown: Wire = [0, 0, 1, 'images', 'IMAGE']
  if (otherSite === undefined) return graphOf(parts, [shown])
  const settings: Part = {
    type: 'RH_SettingsNode',
    at: [-340, 80],
    width: 340,
    values: [otherSite, '', id],
  }
  return graphOf([...parts, settings], [shown, [2, 0, 0, 'apiConfig', 'STRUCT']])
}

/**
 * The graph that calls a cloud workflow or app as the pack's users build it: settings, a node for each field, execute, save. Without a
 * field there is one that names none, muted until somebody says which.
 */
export function chainGraph({ kind, id }: CloudCall, site: string, fields: readonly CloudField[]): JsonObject {
  const settings: Part = { type: 'RH_SettingsNode', at: [40, 80], width: 340, values: [site, '', id] }
  const execute: Part = {
    type: 'RH_ExecuteNode',
    at: [450, 80],
    width: 320,
    values: [600, 1, kind === 'app', false],
  }
  const infos = infoParts(fields, [40, 270])
  const empty: Part = {
    type: 'RH_NodeInfoListNode',
    at: [40, 270],
    width: 340,
    values: [0, '', ''],
    isMuted: true,
  }
  const chain = infos.length > 0 ? infos : [empty]
  const first = 3
  return graphOf(
    [settings, execute, saver(id, [820, 80]), ...chain],
    [
      [0, 0, 1, 'apiConfig', 'STRUCT'],
      [1, 0, 2, 'images', 'IMAGE'],
      ...wiresOf(chain, first),
      [first + chain.length - 1, 0, 1, 'nodeInfoList', 'ARRAY'],
    ],
  )
}

/** Only the values to set, one node each: what a pasted nodeInfoList says. */
export function infoGraph(fields: readonly Pick<CloudField, 'nodeId' | 'fieldName' | 'value'>[]): JsonObject {
  const parts = infoParts(fields, [40, 80])
  return graphOf(parts, wiresOf(parts, 0))
}

const rowHeight = 190

function infoParts(
  fields: readonly Pick<CloudField, 'nodeId' | 'fieldName' | 'value'>[],
  [x, y]: readonly [number, number],
): Part[] {
  return fields.map(({ nodeId, fieldName, value }, at) => ({
    type: 'RH_NodeInfoListNode',
    at: [x, y + at * rowHeight],
    width: 340,
    // Ids inside subgraphs (`57:8`) are no numbers.
    values: [/^\d{1,6}$/.test(nodeId) ? Number(nodeId) : nodeId, fieldName, String(value)],
  }))
}

function wiresOf(parts: readonly Part[], first: number): Wire[] {
  return parts.slice(1).map((_, at) => [first + at, 0, first + at + 1, 'previousNodeInfoList', 'ARRAY'])
}

function saver(id: string, at: readonly [number, number]): Part {
  return { type: 'SaveImage', at, width: 380, values: [`rh_${id}`] }
}

/** The field as the site has it; a number in a text is one. */
function startValue({ kind, value }: CloudField): Json {
  if (kind === 'toggle') return /^(true|1)$/i.test(String(value))
  return value
}

/** Slots are completed from today's definitions when it is opened: only those that links use are named. */
function graphOf(parts: readonly Part[], wires: readonly Wire[]): JsonObject {
  const inputs = parts.map((): JsonObject[] => [])
  const links = wires.map(([from, output, to, name, type], at): Json[] => {
    inputs[to]?.push({ name, type, link: at + 1 })
    return [at + 1, from + 1, output, to + 1, (inputs[to]?.length ?? 1) - 1, type]
  })
  return {
    last_node_id: parts.length,
    last_link_id: links.length,
    nodes: parts.map(({ type, at, width, values, title, isMuted }, index) => ({
      id: index + 1,
      type,
      pos: [...at],
      size: [width, type === 'SaveImage' ? 380 : 120],
      flags: {},
      order: index,
      mode: isMuted ? 2 : 0,
      inputs: inputs[index] ?? [],
      outputs: [],
      properties: {},
      widgets_values: values,
      ...(title !== undefined && { title }),
    })),
    links,
    groups: [],
    config: {},
    extra: {},
    version: 0.4,
  }
}
