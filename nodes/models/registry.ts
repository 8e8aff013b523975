import { z } from 'zod'
import { modelInputs } from './inputs.ts'
import {
  type AssetIdsMode,
  type Model,
  type ModelOption,
  type ModelOutput,
  type ModelParam,
  mediaKinds,
  type PromptSuffix,
  type WidgetKind,
  widgetKinds,
} from './model.ts'

/**
 * Reads a registry of standard models in the public format of ComfyUI_RH_OpenAPI (RunningHub: model registry): the file
 * itself, a bare list of entries, or one entry. Every entry is judged alone.
 */
export type Registry = {
  readonly models: readonly Model[]
  readonly problems: readonly RegistryProblem[]
  /** The file's own word for its age, e.g. `public-2026-04-29`. */
  readonly version?: string
}

/** What is wrong with one entry. `skipped`: there is no node for it; else only a part of it is left out. */
export type RegistryProblem = {
  readonly index: number
  /** The entry's type, endpoint or number: whatever names it best. */
  readonly name: string
  readonly message: string
  readonly skipped: boolean
}

const maxEntries = 20_000

const text = z.string().nullish()
const scalar = z.union([z.string(), z.number(), z.bigint(), z.boolean()])
const amount = z.union([z.number(), z.bigint(), z.string().regex(/^[+-]?\d+(\.\d+)?$/, 'is no number')])
const suffix = z.object({
  target_field: text,
  skip_values: z.array(z.string()).nullish(),
  template: text,
  template_zh: text,
  template_en: text,
})
const param = z.object({
  fieldKey: z.string().min(1).max(200),
  type: z.string().min(1),
  required: z.boolean().nullish(),
  label: text,
  description: text,
  descriptionEn: text,
  defaultValue: z.unknown().optional(),
  // Judged one by one below: a union of forms costs more than the rest of the entry.
  options: z.array(z.unknown()).max(5000).nullish(),
  // JSON in a string.
  accept: z.unknown().optional(),
  min: amount.nullish(),
  max: amount.nullish(),
  step: amount.nullish(),
  multipleInputs: z.boolean().nullish(),
  maxInputNum: amount.nullish(),
  // Spelt so in parts of the file.
  maxInpuNum: amount.nullish(),
  payload_as_prompt_suffix: suffix.nullish(),
})
const entry = z.object({
  internal_name: text,
  class_name: text,
  display_name: text,
  name_cn: text,
  name_en: text,
  endpoint: z.string().min(1),
  output_type: text,
  category: text,
  params: z.array(param).max(500),
  asset_ids_mode: text,
  real_person_asset_slots: z.array(z.string()).nullish(),
  real_person_mode_default: z.boolean().nullish(),
})

/** The models of a registry, or one sentence why the whole of it is none. */
export function readRegistry(value: unknown): Registry | { readonly refusal: string } {
  const entries = entriesOf(value)
  if (typeof entries === 'string') return { refusal: entries }
  if (entries.length > maxEntries) {
    return { refusal: `It has ${entries.length} entries; ${maxEntries} are the most.` }
  }
  const models = new Map<string, Model>()
  const problems: RegistryProblem[] = []
  for (const [index, raw] of entries.entries()) {
    const { model, notes, why } = readEntry(raw)
    const name = model?.type ?? nameOf(raw, index)
    for (const message of notes) problems.push({ index, name, message, skipped: false })
    if (why !== undefined) problems.push({ index, name, message: why, skipped: true })
    if (!model) continue
    if (models.has(model.type)) {
      problems.push({
        index,
        name,
        message: `the type ${model.type} stands in the file twice`,
        skipped: true,
      })
    } else models.set(model.type, model)
  }
  const version = isRecord(value) && typeof value.version === 'string' ? value.version : undefined
  return { models: [...models.values()], problems, ...(version !== undefined && { version }) }
}

function entriesOf(value: unknown): readonly unknown[] | string {
  if (Array.isArray(value)) return value
  if (!isRecord(value)) return 'It is no registry: a registry is a JSON object with a list "models".'
  if (Array.isArray(value.models)) return value.models
  if (Array.isArray(value.pricing)) return 'It is a price list, not the registry of the models themselves.'
  if (typeof value.endpoint === 'string') return [value]
  if (Array.isArray(value.nodes)) return 'It is a workflow, not a registry: open it in the editor instead.'
  return 'It has no list "models".'
}

type Read = { model?: Model; notes: readonly string[]; why?: string }

function readEntry(raw: unknown): Read {
  const parsed = entry.safeParse(raw)
  if (!parsed.success) {
    return { notes: [], why: wrongIn(parsed.error) }
  }
  const { data } = parsed
  const notes: string[] = []
  const type = data.internal_name?.trim() || (data.class_name?.trim() ? `RH_${data.class_name.trim()}` : '')
  if (!/^[^\s"'<>\\]{1,200}$/.test(type)) return { notes, why: 'it has no class_name' }
  const endpoint = endpointOf(data.endpoint)
  if (endpoint === undefined) return { notes, why: `"${data.endpoint}" is no path of a model` }
  const { output, note } = outputOf(data.output_type)
  if (note !== undefined) notes.push(note)
  const assetIds = assetIdsOf(data.asset_ids_mode)
  if (data.asset_ids_mode?.trim() && !assetIds) {
    notes.push(`asset_ids_mode "${data.asset_ids_mode}" is unknown: the node has no asset_ids`)
  }
  const model: Model = {
    type,
    displayName: data.display_name?.trim() || data.name_cn?.trim() || data.name_en?.trim() || type,
    names: { ...said('zh', data.name_cn), ...said('en', data.name_en) },
    endpoint,
    output,
    category: data.category?.trim() || 'RunningHub',
    params: data.params.map(read => readParam(read, notes)),
    ...(assetIds && { assetIds }),
    realPersonSlots: (data.real_person_asset_slots ?? []).map(slot => slot.trim()).filter(Boolean),
    realPersonDefault: data.real_person_mode_default ?? false,
  }
  try {
    modelInputs(model)
  } catch (error) {
    return { notes, why: error instanceof Error ? error.message : String(error) }
  }
  return { model, notes }
}

/** The first thing that is wrong: `params.3.fieldKey is missing`, `endpoint: expected string, received number`. */
function wrongIn({ issues: [issue] }: z.ZodError): string {
  const where = issue?.path.join('.') || 'the entry'
  const what = issue?.message.replace(/^Invalid input: /, '') ?? 'cannot be read'
  return what.endsWith('received undefined') ? `${where} is missing` : `${where}: ${what}`
}

function readParam(read: z.infer<typeof param>, notes: string[]): ModelParam {
  const kind = read.type.trim().toUpperCase()
  const common = {
    key: read.fieldKey,
    required: read.required ?? false,
    ...said('label', read.label),
    ...said('description', read.description),
    ...said('descriptionEn', read.descriptionEn),
  }
  const media = mediaKinds.find(known => known === kind)
  if (media) {
    const most = Number(read.maxInputNum ?? read.maxInpuNum ?? 0)
    return {
      ...common,
      kind: media,
      multiple: read.multipleInputs ?? false,
      accept: acceptOf(read.accept),
      ...(most > 0 && { maxInputs: most }),
    }
  }
  const widget = widgetKinds.find(known => known === kind)
  if (!widget) notes.push(`"${read.fieldKey}" has the unknown type ${read.type}: it is a text`)
  const bound = (name: 'min' | 'max', value: z.infer<typeof amount> | null | undefined) =>
    value === null || value === undefined ? {} : { [name]: numberOf(value, widget) }
  const whole = Number(read.step ?? 0)
  const given = scalar.safeParse(read.defaultValue)
  return {
    ...common,
    kind: widget ?? 'STRING',
    options: (read.options ?? []).flatMap(option => readOption(option) ?? []),
    ...bound('min', read.min),
    ...bound('max', read.max),
    ...(whole > 0 && { step: whole }),
    ...(given.success && { default: given.data }),
    ...(read.payload_as_prompt_suffix && { suffix: readSuffix(read.payload_as_prompt_suffix) }),
  }
}

/** A choice as `{ value, description, descriptionEn }` or bare; undefined for what is none. */
function readOption(given: unknown): ModelOption | undefined {
  const { value, description, descriptionEn } = isRecord(given)
    ? given
    : { value: given, description: undefined, descriptionEn: undefined }
  if (!['string', 'number', 'bigint', 'boolean'].includes(typeof value)) return undefined
  return {
    value: String(value),
    ...(typeof description === 'string' && said('description', description)),
    ...(typeof descriptionEn === 'string' && said('descriptionEn', descriptionEn)),
  }
}

function readSuffix(given: z.infer<typeof suffix>): PromptSuffix {
  const { template } = given
  return {
    target: given.target_field?.trim() || 'prompt',
    skip: given.skip_values ?? [],
    template: { ...said('zh', given.template_zh ?? template), ...said('en', given.template_en ?? template) },
  }
}

/** `["PNG","JPG"]` as JSON in a text, or as a list. */
function acceptOf(value: unknown): readonly string[] {
  let list = value
  if (typeof value === 'string') {
    try {
      list = JSON.parse(value)
    } catch {
      list = value.split(/[\s,]+/)
    }
  }
  if (!Array.isArray(list)) return []
  return list.map(item => String(item).replace(/^\./, '').toUpperCase()).filter(Boolean)
}

/** Families of v2 that are no models: a registry must not make a node of them. */
const reserved = /^(run|query|media|task|assets|queue|api-key|resource|aiapp|price-preview)(\/|$)/i

/** `a/b` from `a/b`, `/openapi/v2/a/b` or a whole address; undefined for what could lead elsewhere. */
function endpointOf(written: string): string | undefined {
  const path = written
    .trim()
    .replace(/^https?:\/\/[^/]+/i, '')
    .replace(/^\/+/, '')
    .replace(/^openapi\/v2\/+/i, '')
    .replace(/(?<!\/)\/+$/, '')
  const isPath = path.split('/').every(part => /^[\w.~-]+$/.test(part) && !/^\.+$/.test(part))
  return isPath && path.length <= 300 && !reserved.test(path) ? path : undefined
}

const outputs: Readonly<Record<string, ModelOutput>> = {
  image: 'image',
  video: 'video',
  audio: 'audio',
  '3d': '3d',
  string: 'string',
  text: 'string',
}

function outputOf(written: string | null | undefined): { output: ModelOutput; note?: string } {
  // As the pack takes it.
  if (!written?.trim()) return { output: 'image' }
  const known = outputs[written.trim().toLowerCase()]
  if (known) return { output: known }
  return { output: 'string', note: `output_type "${written}" is unknown: the node gives a text` }
}

function assetIdsOf(written: string | null | undefined): AssetIdsMode | undefined {
  return (['image_to_video', 'multimodal_video'] as const).find(mode => mode === written?.trim())
}

/** INT stays whole, also beyond 2^53. */
function numberOf(value: z.infer<typeof amount>, kind: WidgetKind | undefined): number | bigint {
  if (typeof value === 'bigint') return value
  const number = Number(value)
  return kind === 'INT' ? Math.trunc(number) : number
}

function said<K extends string>(key: K, value: string | null | undefined): { readonly [name in K]?: string } {
  const text = value?.trim()
  return (text ? { [key]: text } : {}) as { readonly [name in K]?: string }
}

function nameOf(raw: unknown, index: number): string {
  if (isRecord(raw)) {
    for (const key of ['internal_name', 'class_name', 'endpoint', 'display_name']) {
      const value = raw[key]
      if (typeof value === 'string' && value.trim() !== '') return value.slice(0, 200)
    }
  }
  return `entry ${index + 1}`
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
