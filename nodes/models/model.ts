/** One standard model as a registry describes it, checked and in one form. Where it comes from: see registry.ts. */
export type Model = {
  /** The node's id in files: `RH_` and the class name. */
  readonly type: string
  readonly displayName: string
  readonly names: { readonly zh?: string; readonly en?: string }
  /** Path below `/openapi/v2/`. */
  readonly endpoint: string
  readonly output: ModelOutput
  readonly category: string
  readonly params: readonly ModelParam[]
  /** Which fields ids of kept assets may fill in place of media. */
  readonly assetIds?: AssetIdsMode
  /** Inputs that "real person mode" turns into kept assets first; none: the model has no such mode. */
  readonly realPersonSlots: readonly string[]
  readonly realPersonDefault: boolean
}

export type ModelOutput = 'image' | 'video' | 'audio' | '3d' | 'string'
export type AssetIdsMode = 'image_to_video' | 'multimodal_video'

export const mediaKinds = ['IMAGE', 'VIDEO', 'AUDIO'] as const
export type MediaKind = (typeof mediaKinds)[number]
export const widgetKinds = ['LIST', 'STRING', 'INT', 'FLOAT', 'BOOLEAN'] as const
export type WidgetKind = (typeof widgetKinds)[number]

export type ModelParam = MediaParam | WidgetParam

type Common = {
  /** The field's name in the request, and the widget's in the editor. */
  readonly key: string
  readonly required: boolean
  readonly label?: string
  readonly description?: string
  readonly descriptionEn?: string
}

export type MediaParam = Common & {
  readonly kind: MediaKind
  readonly multiple: boolean
  /** How many at most; undefined when the registry does not say. */
  readonly maxInputs?: number
  /** Upper-case file extensions the model takes; empty when the registry does not say. */
  readonly accept: readonly string[]
}

export type WidgetParam = Common & {
  readonly kind: WidgetKind
  readonly default?: string | number | bigint | boolean
  readonly options: readonly ModelOption[]
  readonly min?: number | bigint
  readonly max?: number | bigint
  readonly step?: number
  /** The value is not sent but written behind another text. */
  readonly suffix?: PromptSuffix
}

export type ModelOption = {
  readonly value: string
  readonly description?: string
  readonly descriptionEn?: string
}

export type PromptSuffix = {
  readonly target: string
  readonly skip: readonly string[]
  /** With `{value}` where the value goes. */
  readonly template: { readonly zh?: string; readonly en?: string }
}

export function isMedia(param: ModelParam): param is MediaParam {
  return (mediaKinds as readonly string[]).includes(param.kind)
}
