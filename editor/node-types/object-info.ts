import { isObject, type Json, type JsonObject } from '../api/index.ts'
import { shapedType } from './shape.ts'
import type { Brought, ControlMode, NodeType, NodeWords, Option, SocketSpec, WidgetSpec } from './types.ts'
import { controlModes } from './types.ts'
import { boxText } from './widget-values.ts'

/** /object_info -> node types. What cannot be read of one entry leaves out that entry, never the rest. */
export function readObjectInfo(info: Json): Map<string, NodeType> {
  const types = new Map<string, NodeType>()
  if (!isObject(info)) return types
  for (const [type, entry] of Object.entries(info)) {
    if (isObject(entry)) types.set(type, shapedType(readEntry(type, entry), undefined))
  }
  return types
}

function readEntry(type: string, entry: JsonObject): NodeType {
  const { sockets, widgets, trailing } = slotsOf(entry)
  const outputTypes = listOf(entry.output)
  const outputNames = listOf(entry.output_name)
  const outputLists = listOf(entry.output_is_list)
  return {
    type,
    title: textOf(entry.display_name) || type,
    category: textOf(entry.category),
    description: textOf(entry.description),
    aliases: listOf(entry.search_aliases).filter(alias => typeof alias === 'string'),
    ...wordsOf(entry.words),
    sockets,
    widgets: [...widgets, ...trailing],
    outputs: outputTypes.map((output, at) => {
      const written = Array.isArray(output) ? 'COMBO' : String(output)
      return { name: textOf(outputNames[at]) || written, type: written, isList: outputLists[at] === true }
    }),
    isOutput: entry.output_node === true,
    isVirtual: false,
    isPlaceholder: false,
  }
}

/** What an entry's inputs are on a node; those that a choice brings along have its name before theirs. */
function slotsOf(entry: JsonObject, broughtBy?: string): Brought & { trailing: readonly WidgetSpec[] } {
  const sockets: SocketSpec[] = []
  const widgets: WidgetSpec[] = []
  const trailing: WidgetSpec[] = []
  const brought = broughtBy === undefined ? {} : { broughtBy }
  for (const { name: own, spec, isOptional } of inputsOf(entry)) {
    const name = broughtBy === undefined ? own : `${broughtBy}.${own}`
    const found = widgetOf(name, spec, isOptional)
    if (!found) {
      sockets.push({ name, isOptional, ...brought, ...tooltipOf(optionsOf(spec)), ...socketOf(name, spec) })
      continue
    }
    widgets.push({ ...found, ...brought })
    const control = controlOf(own, spec)
    if (control) {
      widgets.push({
        ...brought,
        kind: 'control',
        name: 'control_after_generate',
        controls: name,
        default: control,
        isOptional: true,
      })
    }
    // After all the node's own widgets, as ComfyUI's upload button does.
    if (found.kind === 'file' && found.hasButton) {
      trailing.push({ kind: 'constant', name: 'upload', default: 'image', isOptional: true })
    }
  }
  return { sockets, widgets, trailing }
}

/** Our server's own field: names in both languages of a node that is made of data. */
function wordsOf(given: Json | undefined): { words?: NodeWords } {
  if (!isObject(given)) return {}
  const read = (local: Json | undefined) => {
    if (!isObject(local)) return undefined
    const labels = Object.entries(isObject(local.labels) ? local.labels : {})
    return {
      ...(textOf(local.title) && { title: textOf(local.title) }),
      labels: Object.fromEntries(labels.map(([name, label]) => [name, textOf(label)])),
    }
  }
  const [en, zh] = [read(given.en), read(given.zh)]
  return { words: { ...(en && { en }), ...(zh && { zh }) } }
}

function inputsOf(entry: JsonObject): { name: string; spec: Json[]; isOptional: boolean }[] {
  const input = isObject(entry.input) ? entry.input : {}
  const order = isObject(entry.input_order) ? entry.input_order : {}
  return (['required', 'optional'] as const).flatMap(group => {
    const specs = isObject(input[group]) ? input[group] : {}
    const written = listOf(order[group]).filter(name => typeof name === 'string' && name in specs)
    const names = written.length > 0 ? (written as string[]) : Object.keys(specs)
    return names.flatMap(name => {
      const spec = specs[name]
      return Array.isArray(spec) ? [{ name, spec, isOptional: group === 'optional' }] : []
    })
  })
}

function widgetOf(name: string, spec: Json[], isOptional: boolean): WidgetSpec | undefined {
  const options = optionsOf(spec)
  if (options.forceInput === true || options.defaultInput === true) return undefined
  const [type] = spec
  const isCombo = Array.isArray(type) || type === 'COMBO'
  const base = {
    name,
    isOptional,
    ...tooltipOf(options),
    ...(options.socketless !== true && { socketType: socketTypeOf(spec, options) }),
  }
  const given = options.default
  const placeholder = typeof options.placeholder === 'string' ? { placeholder: options.placeholder } : {}
  if (type === 'COMFY_DYNAMICCOMBO_V3') {
    const choices = listOf(options.options).filter(isObject)
    const keys = choices.map(({ key }) => textOf(key))
    const brings = Object.fromEntries(
      choices.map(choice => [textOf(choice.key), slotsOf({ input: choice.inputs ?? {} }, name)]),
    )
    const start = isOption(given) ? String(given) : (keys[0] ?? '')
    return { ...base, socketType: 'COMBO', kind: 'combo', default: start, options: keys, brings }
  }
  if (isCombo) {
    const values = (Array.isArray(type) ? type : listOf(options.options)).filter(isOption)
    const start = isOption(given) ? given : values[0]
    const media = mediaOf(options)
    const common = { ...base, default: start === undefined ? '' : String(start), options: values }
    return media ? { ...common, kind: 'file', ...media } : { ...common, kind: 'combo' }
  }
  if (type === 'BOUNDING_BOX' && options.socketless === true) {
    return { ...base, kind: 'box', default: boxText(given) ?? '0, 0, 512, 512' }
  }
  if (type === 'INT' || type === 'FLOAT') {
    const isWhole = type === 'INT'
    return {
      ...base,
      kind: 'number',
      isWhole,
      default: numeric(given) ?? 0,
      step: Number(numeric(options.step) ?? (isWhole ? 1 : 0.1)),
      ...(numeric(options.min) !== undefined && { min: numeric(options.min) as number }),
      ...(numeric(options.max) !== undefined && { max: numeric(options.max) as number }),
    }
  }
  if (type === 'BOOLEAN') {
    return {
      ...base,
      kind: 'toggle',
      default: given === true,
      ...(typeof options.label_on === 'string' && { on: options.label_on }),
      ...(typeof options.label_off === 'string' && { off: options.label_off }),
    }
  }
  if (type === 'STRING') {
    const start = typeof given === 'string' ? given : ''
    if (options.secret === true) {
      // A key never travels along a link.
      const { socketType: _none, ...unlinked } = base
      return { ...unlinked, kind: 'key', default: start }
    }
    return { ...base, ...placeholder, kind: options.multiline === true ? 'textarea' : 'text', default: start }
  }
  return undefined
}

/** ComfyUI: named seed or noise_seed it controls itself, unless the option says otherwise. */
function controlOf(name: string, spec: Json[]): ControlMode | undefined {
  const { control_after_generate: given } = optionsOf(spec)
  if (given === false || spec[0] !== 'INT') return undefined
  if (given === undefined || given === null) {
    return name === 'seed' || name === 'noise_seed' ? 'randomize' : undefined
  }
  return controlModes.find(mode => mode === given) ?? 'randomize'
}

type FileFacts = Pick<WidgetSpec & { kind: 'file' }, 'media' | 'hasButton'>

/** A file's name is a text in the packs these nodes come from, and in their files. */
function socketTypeOf(spec: Json[], options: JsonObject): string {
  return options.file_upload === undefined ? typeName(spec) : 'STRING'
}

function mediaOf(options: JsonObject): FileFacts | undefined {
  if (options.image_upload === true || options.animated_image_upload === true)
    return { media: 'image', hasButton: true }
  if (options.video_upload === true) return { media: 'video', hasButton: true }
  if (options.audio_upload === true) return { media: 'audio', hasButton: false }
  // Ours, for nodes whose pack brings a button of its own.
  const media = (['image', 'video', 'audio', 'any'] as const).find(kind => kind === options.file_upload)
  return media && { media, hasButton: false }
}

/** A plain socket's type; of one that grows its item's type and the names of all it may become. */
function socketOf(name: string, spec: Json[]): Pick<SocketSpec, 'type' | 'grow'> {
  const { template } = optionsOf(spec)
  if (spec[0] !== 'COMFY_AUTOGROW_V3' || !isObject(template)) return { type: typeName(spec) }
  const groups = isObject(template.input) ? Object.values(template.input).filter(isObject) : []
  const [item] = groups.flatMap(group => Object.values(group)).filter(value => Array.isArray(value))
  const count = Number(numeric(template.max) ?? 0)
  const short = Array.isArray(template.names)
    ? listOf(template.names).map(String)
    : Array.from({ length: Math.min(100, count) }, (_, at) => `${textOf(template.prefix)}${at}`)
  const names = short.map(one => `${name}.${one}`)
  return { type: item ? typeName(item) : '*', grow: { names, min: Number(numeric(template.min) ?? 0) } }
}

function optionsOf(spec: Json[]): JsonObject {
  return isObject(spec[1]) ? spec[1] : {}
}
function typeName(spec: Json[]): string {
  return typeof spec[0] === 'string' ? spec[0] : 'COMBO'
}
function tooltipOf(options: JsonObject): { tooltip?: string } {
  return typeof options.tooltip === 'string' ? { tooltip: options.tooltip } : {}
}
function numeric(value: Json | undefined): number | bigint | undefined {
  return typeof value === 'number' || typeof value === 'bigint' ? value : undefined
}
function isOption(value: Json | undefined): value is Option {
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value)
}
function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : []
}
function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}
