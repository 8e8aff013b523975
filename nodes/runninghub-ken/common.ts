import { oneOf, string } from '../define-node.ts'
import type { NodeInfo } from '../values.ts'

/** Of every node of xuchenxu168/ComfyUI_RH_API, so that its files open and run here; beside the other nodes that call RunningHub. */
export const pack = { category: 'RunningHub/ComfyUI_RH_API', module: 'custom_nodes.ComfyUI_RH_API' } as const

/** Which field of the cloud workflow an upload goes into; without `node_id` into none. */
export const target = (fields: readonly [string, ...string[]]) => ({
  node_id: string({ default: '', optional: true, tooltip: 'Empty: the name is only given on.' }),
  field_name: oneOf(fields, { default: fields[0], optional: true }),
  custom_field_name: string({ default: '', optional: true, tooltip: 'Where field_name is custom.' }),
})

/** Older files hold field names that today's list does not: any name will do. */
export const anyField = { field_name: async () => undefined }

type Target = {
  readonly node_id?: string | undefined
  readonly field_name?: string | undefined
  readonly custom_field_name?: string | undefined
}

/** The earlier params and one more; the earlier list is left as it is. */
export function withParam(
  previous: readonly NodeInfo[] | undefined,
  { node_id: nodeId = '', field_name: field = '', custom_field_name: custom = '' }: Target,
  fieldValue: unknown,
): readonly NodeInfo[] {
  const before = previous ?? []
  const fieldName = (field === 'custom' && custom.trim() !== '' ? custom : field).trim()
  return nodeId.trim() === '' ? before : [...before, { nodeId: nodeId.trim(), fieldName, fieldValue }]
}
