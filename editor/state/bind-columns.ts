import type { NodeType, WidgetSpec } from '../node-types/index.ts'

/** An input of the graph that a column may fill, as `NODE.INPUT`. */
export type BatchInput = {
  readonly target: string
  readonly nodeId: string
  readonly input: string
  readonly nodeTitle: string
  /** What stands there now; undefined where a link brings the value. */
  readonly value: string | undefined
  readonly media: 'image' | 'video' | 'audio' | 'any' | undefined
  /** Other names it goes by: the field of the cloud workflow it feeds. */
  readonly alias: string | undefined
}

type PromptNode = { readonly class_type?: unknown; readonly inputs?: unknown; readonly _meta?: unknown }

/** Every input of a prompt that holds a value a person could type. Keys are none: they stand in no table. */
export function batchInputs(
  prompt: unknown,
  typeOf: (name: string) => NodeType | undefined,
  titleOf: (nodeId: string, type: string) => string,
): BatchInput[] {
  return Object.entries(asRecord(prompt)).flatMap(([nodeId, node]) => {
    const { class_type: type, inputs } = asRecord(node) as PromptNode
    const values = asRecord(inputs)
    const known = typeOf(String(type))
    const widgets = new Map((known?.widgets ?? []).map(widget => [widget.name, widget]))
    const written = Object.keys(values).filter(
      name => !widgets.has(name) && !isLink(values[name]) && !isSocket(known, name),
    )
    const names = [...[...widgets.values()].filter(canHold).map(({ name }) => name), ...written]
    const field = values.fieldName
    return names.map(input => {
      const widget = widgets.get(input)
      const value = values[input]
      return {
        target: `${nodeId}.${input}`,
        ...{ nodeId, input },
        nodeTitle: titleOf(nodeId, String(type)),
        value: isLink(value) ? undefined : textOf(value),
        media: widget?.kind === 'file' ? widget.media : undefined,
        alias: input === 'fieldValue' && typeof field === 'string' ? field : undefined,
      }
    })
  })
}

/** Names people give to columns, and the inputs they mean by them. */
const usualNames: readonly { readonly column: RegExp; readonly fits: (input: BatchInput) => boolean }[] = [
  {
    column: /^(prompts?|texts?|captions?|提示词|正向提示词|文本|描述)$/,
    fits: ({ input, alias }) => /^(text|prompt|value|positive)$/.test(alias ?? input.split('.').at(-1) ?? ''),
  },
  {
    column: /^(images?|pictures?|photos?|files?|图片|图像|照片|文件)$/,
    fits: ({ media }) => media === 'image',
  },
  { column: /^(videos?|视频)$/, fits: ({ media }) => media === 'video' },
  { column: /^(audios?|sounds?|音频|声音)$/, fits: ({ media }) => media === 'audio' },
  {
    column: /^(seeds?|随机种子|种子)$/,
    fits: ({ input, alias }) => /^(noise_)?seed$/.test(alias ?? input.split('.').at(-1) ?? ''),
  },
]

/** Binds each column whose name says where it goes; nothing is taken twice, and what could mean several is left to the person. */
export function guessBindings(
  columns: readonly string[],
  inputs: readonly BatchInput[],
  taken: ReadonlySet<string> = new Set(),
): Map<string, string> {
  const gone = new Set(taken)
  const found = new Map<string, string>()
  for (const column of columns) {
    const input = guess(
      column,
      inputs.filter(({ target, value }) => value !== undefined && !gone.has(target)),
    )
    if (!input) continue
    gone.add(input.target)
    found.set(column, input.target)
  }
  return found
}

function guess(column: string, inputs: readonly BatchInput[]): BatchInput | undefined {
  const name = plain(column)
  const usual = usualNames.find(({ column: form }) => form.test(name))
  const ways: ((input: BatchInput) => boolean)[] = [
    input => plain(input.target) === name || plain(`${input.nodeTitle}.${input.input}`) === name,
    input => plain(input.nodeTitle) === name && isMain(input),
    input => plain(input.alias ?? input.input.split('.').at(-1) ?? '') === name,
    input => usual?.fits(input) ?? false,
  ]
  for (const fits of ways) {
    const all = inputs.filter(fits)
    if (all.length === 1) return all[0]
  }
  return undefined
}

/** Names that mean something to `guessBindings`, in lower case: a head line is told by them. */
export function knownNames(inputs: readonly BatchInput[]): string[] {
  const usual =
    'prompt prompts text caption image images video audio seed name 提示词 文本 图片 图像 视频 音频 种子'
  const own = inputs.flatMap(({ input, alias, nodeTitle }) => [input, alias ?? input, nodeTitle])
  return [...usual.split(' '), ...own.map(name => name.toLowerCase())]
}

const isMain = ({ input }: BatchInput) =>
  /^(value|text|fieldValue|prompt|image|video|audio|file)$/.test(input)

function canHold({ kind }: WidgetSpec): boolean {
  return kind !== 'key' && kind !== 'control' && kind !== 'constant' && kind !== 'set-name'
}

function isSocket(type: NodeType | undefined, name: string): boolean {
  return type?.sockets.some(socket => socket.name === name) ?? false
}

/** In a prompt a link is a pair: node id and output. */
function isLink(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    typeof value[0] === 'string' &&
    !Number.isNaN(Number(value[1]))
  )
}

function textOf(value: unknown): string {
  return typeof value === 'object' ? '' : String(value ?? '')
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {}
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[\s_-]+/g, '')
}
