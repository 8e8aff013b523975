import { type JsonValue, parseJson } from '../shared/lossless-json.ts'
import { combos, ranges } from './catalogue/combos.ts'
import { type ApiGraph, isLink, readGraph } from './catalogue/graph.ts'
import type { Target } from './catalogue/index.ts'
import { isObject } from './faults.ts'
import type { Refusal } from './reply.ts'
import type { NodeInfo } from './types.ts'

/** Reads `nodeInfoList` (RunningHub: nodeId a string or an integer); null when it is none. */
export function readNodeInfoList(value: JsonValue | undefined): NodeInfo[] | null {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) return null
  const infos: NodeInfo[] = []
  for (const item of value) {
    if (!isObject(item)) return null
    const nodeId =
      typeof item.nodeId === 'number' || typeof item.nodeId === 'bigint' ? String(item.nodeId) : item.nodeId
    if (typeof nodeId !== 'string' || nodeId === '') return null
    if (typeof item.fieldName !== 'string' || item.fieldName === '') return null
    // Arrays and objects are taken as JSON in a string only (RunningHub: nodeInfoList items).
    if (isObject(item.fieldValue) || Array.isArray(item.fieldValue)) return null
    infos.push({ nodeId, fieldName: item.fieldName, fieldValue: item.fieldValue ?? null })
  }
  return infos
}

/** The graph that runs: the saved one with the node infos applied, or what is wrong with them. */
export function applyNodeInfos(target: Target, infos: NodeInfo[]): ApiGraph | Refusal {
  const graph: ApiGraph = structuredClone(target.graph)
  const set = new Set<string>()
  for (const { nodeId, fieldName, fieldValue } of infos) {
    // Undocumented in the cloud, which value counts: a careless client is told here.
    const key = `${nodeId}.${fieldName}`
    if (target.fields === 'closed' && set.has(key)) return { code: 803, msg: 'APIKEY_INVALID_NODE_INFO' }
    set.add(key)
    const node = graph[nodeId]
    const current = node?.inputs[fieldName]
    if (target.fields === 'open') {
      if (node && !isLink(current)) node.inputs[fieldName] = fieldValue
      continue
    }
    if (!node || current === undefined || isLink(current)) {
      return { code: 803, msg: 'APIKEY_INVALID_NODE_INFO' }
    }
    const list = combos[node.class_type]?.[fieldName]
    if (list && !list.includes(String(fieldValue))) {
      return {
        code: 433,
        msg: `VALIDATE_PROMPT_FAILED: node ${nodeId} (${node.class_type}) ${fieldName}: '${String(fieldValue)}' not in list`,
      }
    }
    const wrong =
      wrongValue(fieldName, current, fieldValue) ??
      outOfRange(ranges[node.class_type]?.[fieldName], Number(fieldValue))
    if (wrong !== undefined) {
      const where = `node ${nodeId} (${node.class_type}) ${fieldName}`
      return { code: 433, msg: `VALIDATE_PROMPT_FAILED: ${where}: ${wrong}` }
    }
    node.inputs[fieldName] = sameTypeAs(current, fieldValue)
  }
  return graph
}

/** What ComfyUI says of a value that it cannot convert to the type of the input, and of a loader without a file. */
function wrongValue(fieldName: string, current: JsonValue, value: JsonValue): string | undefined {
  if (typeof value !== 'string') return undefined
  if (typeof current === 'boolean') {
    return /^(true|false|0|1)$/i.test(value)
      ? undefined
      : 'Failed to convert an input value to a BOOLEAN value'
  }
  if (typeof current === 'number' || typeof current === 'bigint') {
    return value.trim() !== '' && Number.isFinite(Number(value))
      ? undefined
      : 'Failed to convert an input value to a number'
  }
  const isFile = /^(image|audio|video)$/.test(fieldName)
  return isFile && value.trim() === '' ? `Invalid ${fieldName} file: ` : undefined
}

function outOfRange(range: { min: number; max: number } | undefined, value: number): string | undefined {
  if (!range) return undefined
  if (value < range.min) return `Value ${value} smaller than min of ${range.min}`
  return value > range.max ? `Value ${value} bigger than max of ${range.max}` : undefined
}

/** Reads the `workflow` of a create: a whole graph as JSON text, which replaces the saved one. */
export function readWorkflowText(text: string): ApiGraph | Refusal {
  const refusal = { code: 433, msg: 'VALIDATE_PROMPT_FAILED: workflow is not an API format graph' }
  try {
    return readGraph(parseJson(text)) ?? refusal
  } catch {
    return refusal
  }
}

export function isRefusal(value: ApiGraph | Refusal): value is Refusal {
  return typeof value.code === 'number'
}

/** ComfyUI converts a widget's text to the type it declares; an integer that is too long for a double stays exact. */
function sameTypeAs(current: JsonValue, value: JsonValue): JsonValue {
  if (typeof value !== 'string') return value
  if (typeof current === 'boolean') return value.toLowerCase() === 'true'
  if (typeof current !== 'number' && typeof current !== 'bigint') return value
  if (/^-?[0-9]+$/.test(value)) {
    const whole = BigInt(value)
    return Number.isSafeInteger(Number(whole)) ? Number(whole) : whole
  }
  const number = Number(value)
  return Number.isFinite(number) && value.trim() !== '' ? number : value
}
