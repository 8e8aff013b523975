/** What a node type is, for the canvas: sockets, widgets, outputs. Made from /object_info. */
export type NodeType = {
  readonly type: string
  readonly title: string
  readonly category: string
  readonly description: string
  readonly aliases: readonly string[]
  /** Names of nodes that the server makes of data; those of its own nodes are in i18n. */
  readonly words?: NodeWords
  readonly sockets: readonly SocketSpec[]
  readonly widgets: readonly WidgetSpec[]
  readonly outputs: readonly OutputSpec[]
  readonly isOutput: boolean
  /** Drawn only, never run: notes, reroutes. */
  readonly isVirtual: boolean
  /** Not known to this server: made from a file, keeps everything. */
  readonly isPlaceholder: boolean
  /** Its slots are what links made of them, not what the type says. */
  readonly keepsSlots?: boolean
  /** Its widgets differ from node to node: files keep their values by name. */
  readonly storesByName?: boolean
}

export type NodeWords = { readonly [language in 'en' | 'zh']?: LocalWords }
type LocalWords = { readonly title?: string; readonly labels: Readonly<Record<string, string>> }

export type SocketSpec = {
  readonly name: string
  readonly type: string
  readonly isOptional: boolean
  /** It stands for a row of sockets that appear as they are used: their names, and how many are needed (ComfyUI: autogrow). */
  readonly grow?: { readonly names: readonly string[]; readonly min: number }
  /** The combo whose choice brings it along. */
  readonly broughtBy?: string
  readonly tooltip?: string
}

type OutputSpec = { readonly name: string; readonly type: string; readonly isList: boolean }

type Common = {
  readonly name: string
  readonly tooltip?: string
  readonly isOptional: boolean
  /** The type of its socket, or undefined when no link may bring the value. */
  readonly socketType?: string
  /** The combo whose choice brings it along. */
  readonly broughtBy?: string
}
export type ControlMode = 'fixed' | 'increment' | 'decrement' | 'randomize'
export const controlModes: readonly ControlMode[] = ['fixed', 'increment', 'decrement', 'randomize']

export type NumberSpec = Common & {
  readonly kind: 'number'
  readonly isWhole: boolean
  readonly default: number | bigint
  readonly min?: number | bigint
  readonly max?: number | bigint
  readonly step: number
}
export type TextSpec = Common & {
  readonly kind: 'text'
  readonly default: string
  readonly placeholder?: string
  /** Holds a value of any type: a number stays one while what is typed is one. */
  readonly keepsType?: boolean
}
export type WidgetSpec =
  | NumberSpec
  | TextSpec
  /** Whatever the widget is that it feeds. */
  | (Common & { readonly kind: 'primitive'; readonly default: string })
  /** One of the names that Set nodes of the graph give. */
  | (Common & { readonly kind: 'set-name'; readonly default: string })
  /** Text with Markdown's signs, shown as what they mean. */
  | (Common & { readonly kind: 'markdown'; readonly default: string })
  | (Common & { readonly kind: 'textarea'; readonly default: string; readonly placeholder?: string })
  | (Common & { readonly kind: 'key'; readonly default: string })
  | (Common & {
      readonly kind: 'toggle'
      readonly default: boolean
      readonly on?: string
      readonly off?: string
    })
  | (Common & {
      readonly kind: 'combo'
      readonly default: string
      readonly options: readonly Option[]
      /** What each choice brings along (ComfyUI: COMFY_DYNAMICCOMBO_V3). */
      readonly brings?: Readonly<Record<string, Brought>>
      /** What is read for a value, where it is not the value itself. */
      readonly words?: { readonly [language in 'en' | 'zh']: Readonly<Record<string, string>> }
    })
  | (Common & {
      readonly kind: 'file'
      readonly media: 'image' | 'video' | 'audio' | 'any'
      /** Leaves the constant behind that ComfyUI's upload button leaves in widgets_values. */
      readonly hasButton: boolean
      readonly default: string
      readonly options: readonly Option[]
    })
  /** A part of a picture: in files `{ x, y, width, height }`, here a text of the four numbers. */
  | (Common & { readonly kind: 'box'; readonly default: string })
  /** What happens to the widget before it after each queueing. */
  | (Common & { readonly kind: 'control'; readonly default: ControlMode; readonly controls: string })
  /** A constant that ComfyUI's upload button leaves in widgets_values. */
  | (Common & { readonly kind: 'constant'; readonly default: string })

/** Sockets and widgets that are there while something is chosen. */
export type Brought = { readonly sockets: readonly SocketSpec[]; readonly widgets: readonly WidgetSpec[] }

export type Option = string | number | bigint | boolean
export type WidgetValue = string | number | bigint | boolean | null
