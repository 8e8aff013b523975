import { boolean, float, type Input, int, oneOf, socket, string } from '../define-node.ts'
import {
  type AssetIdsMode,
  isMedia,
  type MediaKind,
  type MediaParam,
  type Model,
  type WidgetParam,
} from './model.ts'

/** A model node's inputs, and which field of the request each feeds. */
export type ModelInputs = {
  /** In the pack's order; required ones come first of themselves. */
  readonly inputs: Readonly<Record<string, Input<unknown>>>
  readonly media: readonly MediaInput[]
  /** By the order their values are written into the request. */
  readonly widgets: readonly WidgetParam[]
}

export type MediaInput = {
  readonly name: string
  readonly param: MediaParam
  /** The field takes a list, to which this input adds one. */
  readonly isArray: boolean
  readonly required: boolean
}

/** RunningHub: model registry, `multipleInputs` without a number. */
const usualCount: Readonly<Record<MediaKind, number>> = { IMAGE: 9, VIDEO: 3, AUDIO: 3 }
const mediaOrder: Readonly<Record<MediaKind, number>> = { IMAGE: 0, VIDEO: 1, AUDIO: 2 }
const mostInputs = 100
const greatestSeed = 2n ** 64n - 1n

/** Names every model node has of its own. */
const ownNames = ['asset_ids', 'api_config', 'skip_error', 'real_person_mode', 'conversion_slots']

/** Made once to be judged, and once more would be for the node. */
const made = new WeakMap<Model, ModelInputs>()

/**
 * The inputs of a model in the pack's order (RunningHub: how an entry becomes a node): required media, required widgets with
 * the prompt first, optional media, optional widgets, then what all model nodes have. Throws an Error with one sentence for an entry whose
 * inputs cannot stand side by side.
 */
export function modelInputs(model: Model): ModelInputs {
  const known = made.get(model)
  if (known) return known
  const inputs = makeInputs(model)
  made.set(model, inputs)
  return inputs
}

function makeInputs(model: Model): ModelInputs {
  const widgets = sorted(model.params.filter(param => !isMedia(param)))
  const media = mediaInputs(model, new Set(widgets.map(param => param.key)))
  const found = new Map<string, Input<unknown>>()
  const add = (name: string, input: Input<unknown>) => {
    if (['__proto__', 'constructor', 'prototype'].includes(name))
      throw new Error(`"${name}" is no name of an input`)
    if (found.has(name)) throw new Error(`two inputs would be called "${name}"`)
    found.set(name, input)
  }
  const inOrder = media.toSorted((a, b) => mediaOrder[a.param.kind] - mediaOrder[b.param.kind])
  for (const isRequired of [true, false]) {
    for (const input of inOrder) if (input.required === isRequired) add(input.name, mediaSocket(input))
    for (const param of widgets) if (param.required === isRequired) add(param.key, widgetOf(param))
  }
  for (const name of ownNames)
    if (found.has(name)) throw new Error(`"${name}" is an input every model node has`)
  if (model.assetIds)
    add(
      'asset_ids',
      string({ optional: true, forceInput: true, tooltip: 'Ids of kept assets, one a line or with commas.' }),
    )
  add('api_config', socket('RH_OPENAPI_CONFIG', { optional: true }, { acceptsLinks: ['STRUCT'] }))
  // It changes what a failure does, never what a result is.
  add('skip_error', boolean({ default: false, optional: true }, { inert: true }))
  // A model's own seed is sent; this one only asks for the work anew.
  if (!found.has('seed')) add('seed', int({ default: 0, min: 0, max: greatestSeed, optional: true }))
  if (model.realPersonSlots.length > 0) {
    const slots = model.realPersonSlots.join(', ')
    add(
      'real_person_mode',
      boolean({
        default: model.realPersonDefault,
        optional: true,
        tooltip: 'Keeps pictures and videos of people as assets first.',
      }),
    )
    add(
      'conversion_slots',
      string({ default: 'all', optional: true, tooltip: `Which inputs: all, or some of ${slots}.` }),
    )
  }
  return { inputs: Object.fromEntries(found), media, widgets }
}

/** `imageUrls` -> `image`, `firstFrameUrl` -> `first_frame`, `videos` -> `video`. */
function mediaName(key: string): string {
  const bare = key.replace(/Urls?$/, '')
  return (bare === 'videos' ? 'video' : bare)
    .replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
    .toLowerCase()
    .replace(/^_+|_+$/g, '')
}

function mediaInputs(model: Model, taken: Set<string>): MediaInput[] {
  return model.params.filter(isMedia).flatMap(param => {
    const { key, kind, multiple, maxInputs = 0 } = param
    const most = Math.min(mostInputs, multiple && maxInputs <= 1 ? usualCount[kind] : Math.max(1, maxInputs))
    const name = mediaName(key)
    // A kept asset may stand in its place.
    const required = param.required && !(model.assetIds && assetFields[model.assetIds].includes(key))
    if (multiple && most > 1) {
      return Array.from({ length: most }, (_, index) => {
        taken.add(`${name}${index + 1}`)
        return { name: `${name}${index + 1}`, param, isArray: true, required: required && index === 0 }
      })
    }
    const free = taken.has(name) ? `${name}_input` : name
    taken.add(free)
    return [{ name: free, param, isArray: /Urls$/.test(key) || key === 'videos', required }]
  })
}

/** Fields that ids of kept assets fill in place of media. */
const assetFields: Readonly<Record<AssetIdsMode, readonly string[]>> = {
  image_to_video: ['firstFrameUrl', 'lastFrameUrl'],
  multimodal_video: ['imageUrls', 'videoUrls', 'audioUrls'],
}

function mediaSocket({ param, required }: MediaInput): Input<unknown> {
  // A text with a public address, `data:` or `asset://` is taken as it is.
  return socket(param.kind, { optional: !required, ...tooltipOf(param) }, { acceptsLinks: ['STRING'] })
}

const promptKeys = ['prompt', 'text']
const negativeKeys = ['negativeprompt', 'negative_prompt']

/** Prompt and text first, negative next, the others as they stand. */
function sorted(params: readonly WidgetParam[]): readonly WidgetParam[] {
  const rank = ({ key }: WidgetParam) => {
    const name = key.toLowerCase()
    if (promptKeys.includes(name)) return promptKeys.indexOf(name)
    return negativeKeys.includes(name) ? 2 : 3
  }
  return params.toSorted((a, b) => rank(a) - rank(b))
}

function widgetOf(param: WidgetParam): Input<unknown> {
  const common = { optional: !param.required, ...tooltipOf(param) }
  const { kind, options } = param
  if (kind === 'LIST' && options.length > 0) return comboOf(param, common)
  if (kind === 'BOOLEAN') return boolean({ default: truth(param.default), ...common })
  if (kind === 'INT' || kind === 'FLOAT') {
    const { min, max, step } = bounds(param)
    const known = {
      ...(min !== undefined && { min }),
      ...(max !== undefined && { max }),
      ...(step && { step }),
    }
    const start = startOf(param)
    return kind === 'INT'
      ? int({ default: start, ...known, ...common })
      : float({ default: Number(start), ...numbers(known), ...common })
  }
  const multiline = [...promptKeys, ...negativeKeys].includes(param.key.toLowerCase())
  // A text's default is an example; sent unseen it would be paid for.
  return string({ default: '', multiline, ...common })
}

/** The choices once each, whatever their case; the default must be among them. */
function comboOf(param: WidgetParam, common: { optional: boolean; tooltip?: string }): Input<unknown> {
  const unique = new Map<string, string>()
  for (const { value } of param.options)
    if (!unique.has(value.toLowerCase())) unique.set(value.toLowerCase(), value)
  const [first = '', ...others] = unique.values()
  const given = param.default === undefined ? first : String(param.default)
  return oneOf([first, ...others], { default: [first, ...others].includes(given) ? given : first, ...common })
}

function bounds({ key, kind, min, max, step }: WidgetParam) {
  // A model's own seed, where nothing else is said, is any seed.
  if (key === 'seed' && kind === 'INT') return { min: min ?? 0, max: max ?? greatestSeed, step }
  return { min, max, step }
}

/** The default, moved inside the bounds. */
function startOf(param: WidgetParam): number | bigint {
  const { min, max } = bounds(param)
  const given = param.default
  let start: number | bigint = 0
  if (typeof given === 'bigint' || typeof given === 'number') start = given
  else if (given !== undefined && Number.isFinite(Number(given))) start = Number(given)
  if (param.kind === 'INT' && typeof start === 'number') start = Math.trunc(start)
  if (min !== undefined && start < min) return min
  return max !== undefined && start > max ? max : start
}

function numbers(known: { min?: number | bigint; max?: number | bigint; step?: number }) {
  const { min, max, step } = known
  return {
    ...(min !== undefined && { min: Number(min) }),
    ...(max !== undefined && { max: Number(max) }),
    ...(step !== undefined && { step }),
  }
}

function truth(value: WidgetParam['default']): boolean {
  return typeof value === 'string' ? ['true', '1', 'yes'].includes(value.toLowerCase()) : Boolean(value)
}

function tooltipOf(param: MediaParam | WidgetParam): { tooltip?: string } {
  const text = param.descriptionEn ?? param.description
  return text === undefined || text === param.key ? {} : { tooltip: text }
}
