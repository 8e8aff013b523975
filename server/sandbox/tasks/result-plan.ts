import type { JsonValue } from '../../shared/lossless-json.ts'
import { type ApiGraph, executionOrder, isLink, outputNodes } from '../catalogue/graph.ts'
import type { Target } from '../catalogue/index.ts'
import type { FileSpec } from '../catalogue/special.ts'
import type { NodeInfo } from '../types.ts'

export type PlannedFile = { spec: FileSpec; nodeId: string }

const mostPictures = 8

/** Which files a task will give, and by which node. */
export function planFiles(target: Target, graph: ApiGraph, infos: NodeInfo[]): PlannedFile[] {
  const outputs = outputNodes(graph)
  const at = (index: number) => outputs[index % outputs.length] ?? '9'
  if (target.behaviour.files)
    return target.behaviour.files.map((spec, index) => ({ spec: sized(spec, infos), nodeId: at(index) }))
  const told = target.fields === 'open' ? kindOfInfos(infos) : undefined
  if (told) return [{ spec: { kind: told }, nodeId: at(0) }]
  return outputs.flatMap(nodeId =>
    filesOf(graph[nodeId]?.class_type ?? '', graph, infos).map(spec => ({ spec, nodeId })),
  )
}

const mostBulkBytes = 16 * 1024 ** 3

/** A bulk file is as big as the one who starts the task wants it. */
function sized(spec: FileSpec, infos: NodeInfo[]): FileSpec {
  const wanted = infos.findLast(info => info.fieldName === 'bytes')
  const bytes = spec.kind === 'bulk' && wanted ? finite(wanted.fieldValue) : undefined
  return bytes === undefined
    ? spec
    : { kind: 'bulk', sizeBytes: clamp(Math.round(bytes), 65_536, mostBulkBytes) }
}

/** What an unknown workflow is for, told by the fields it is fed. */
function kindOfInfos(infos: NodeInfo[]): 'video' | 'audio' | undefined {
  if (infos.some(info => info.fieldName === 'video')) return 'video'
  if (infos.some(info => /^(audio|tts|tts_text|speech|speech_text|voice|speaker)$/i.test(info.fieldName)))
    return 'audio'
  return undefined
}

function filesOf(classType: string, graph: ApiGraph, infos: NodeInfo[]): FileSpec[] {
  if (/video/i.test(classType)) return [{ kind: 'video' }]
  if (/audio/i.test(classType)) return [{ kind: 'audio' }]
  if (/latent/i.test(classType)) return [{ kind: 'latent' }]
  if (/text/i.test(classType)) return [{ kind: 'text', text: promptOf(graph, infos) }]
  const count = clamp(numberOf('batch_size', graph, infos) ?? 1, 1, mostPictures)
  return Array.from({ length: count }, (): FileSpec => ({ kind: 'picture' }))
}

export function sizeOf(graph: ApiGraph, infos: NodeInfo[]): { width: number; height: number } {
  const side = (name: string) => clamp(Math.round(numberOf(name, graph, infos) ?? 512), 64, 1536)
  return { width: side('width'), height: side('height') }
}

/** The text a picture is of: what was sent, else what is saved. */
export function promptOf(graph: ApiGraph, infos: NodeInfo[]): string {
  const isText = (name: string, value: JsonValue | undefined): value is string =>
    /text|prompt|positive|string|value/i.test(name) &&
    !/neg|prefix/i.test(name) &&
    typeof value === 'string' &&
    value.trim() !== '' &&
    !/^-?[0-9.]+$/.test(value)
  for (const { fieldName, fieldValue } of infos) if (isText(fieldName, fieldValue)) return fieldValue
  for (const node of Object.values(graph)) {
    for (const [name, value] of Object.entries(node.inputs)) if (isText(name, value)) return value
  }
  return ''
}

/**
 * The seed a run uses: the one sent, else a new one, because API runs randomise the saved seed again
 * (RunningHub: create).
 */
export function seedOf(infos: NodeInfo[], fresh: () => string): string {
  const sent = infos.findLast(info => /^(noise_)?seed$/.test(info.fieldName))
  return sent === undefined ? fresh() : String(sent.fieldValue)
}

/** File names fed to the workflow, in the order they were sent, then in the order of the graph. */
export function mediaNames(graph: ApiGraph, infos: NodeInfo[]): string[] {
  const names = infos.map(info => info.fieldValue)
  for (const nodeId of executionOrder(graph)) {
    const { class_type, inputs } = graph[nodeId] ?? { class_type: '', inputs: {} }
    if (/^Load/i.test(class_type) && inputs.image !== undefined) names.push(inputs.image)
  }
  return [...new Set(names.filter(name => typeof name === 'string'))].map(withoutAnnotation)
}

/** ` [input]`, ` [output]` and ` [temp]` name ComfyUI's folder, not the file. */
function withoutAnnotation(name: string): string {
  return name.replace(/ \[(input|output|temp)\]$/, '')
}

function numberOf(field: string, graph: ApiGraph, infos: NodeInfo[]): number | undefined {
  const sent = infos.findLast(info => info.fieldName === field)
  if (sent) return finite(sent.fieldValue)
  for (const node of Object.values(graph)) {
    const value = node.inputs[field]
    if (value !== undefined && !isLink(value) && /latent|size/i.test(node.class_type)) return finite(value)
  }
  return undefined
}

function finite(value: JsonValue): number | undefined {
  const number = typeof value === 'string' || typeof value === 'bigint' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value))
