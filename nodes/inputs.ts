import type { BoundingBox, SocketType, SocketTypes } from './values.ts'

/** One input. `spec` and `options` are what ComfyUI's /object_info says about it. */
export type Input<T> = {
  /** Type name, or the options of a combo. */
  readonly spec: string | readonly string[]
  readonly options: InputOptions
  readonly optional: boolean
  /** Holds a value of its own in the editor and an entry in widgets_values. */
  readonly widget: boolean
  /** Holds an API key: lifted out of files, left out of signatures. */
  readonly secret: boolean
  /** Changes how the node works, never what it gives: left out of signatures. */
  readonly inert: boolean
  /** A combo whose options are the files of the input folder of this kind. */
  readonly files?: FileKind
  /** Further socket types a link may bring. */
  readonly acceptsLinks: readonly string[]
  /** Texts an INT takes as they are, e.g. ids of nodes inside subgraphs (`57:8`). */
  readonly acceptsText?: RegExp
  /** Stands for sockets that appear as they are used; only in a definition, see `autogrow`. */
  readonly grow?: Grow
  /** One of those sockets: which input it belongs to. */
  readonly grownFrom?: string
  /** A combo whose choice brings inputs of its own along, see `dynamicCombo`: by choice, then by their short names. */
  readonly choices?: Choices
  /** Only carries the type; never present at run time. */
  readonly valueType?: T
}

/**
 * Kinds of files a widget offers: `audio` also has videos (their sound), `clip` videos and animations, `latent` files of that extension,
 * `any` every file, `saved` pictures of the output folder under their annotated names (`a.png [output]`).
 */
export type FileKind = 'image' | 'audio' | 'video' | 'clip' | 'latent' | 'any' | 'saved'

/** ComfyUI's input options (object_info, section 7 of its reference); unknown to us means not here. */
export type InputOptions = {
  readonly default?: string | number | bigint | boolean | BoundingBox
  readonly min?: number | bigint
  readonly max?: number | bigint
  readonly step?: number
  readonly multiline?: boolean
  readonly forceInput?: boolean
  readonly control_after_generate?: boolean | 'fixed' | 'increment' | 'decrement' | 'randomize'
  readonly image_upload?: boolean
  /** Where a picture widget looks when it is not the input folder, and how ComfyUI's page asks anew. */
  readonly image_folder?: 'output'
  readonly remote?: {
    readonly route: string
    readonly refresh_button: boolean
    readonly control_after_refresh: 'first'
  }
  /** Ours: a file widget whose upload button leaves nothing behind in widgets_values. */
  readonly file_upload?: FileKind
  readonly audio_upload?: boolean
  readonly video_upload?: boolean
  readonly tooltip?: string
  /** How a number is shown: `color` for 0xRRGGBB. */
  readonly display?: 'color'
  /** Only typed in, never along a link. */
  readonly socketless?: boolean
  /** Which of ComfyUI's components edits the value. */
  readonly component?: string
  /** Computed only when the node asks for it, see `needs`. */
  readonly lazy?: boolean
}

/** The sockets of an input that grows: `names` in order, the first `min` of them required, `template` as /object_info has it. */
export type Grow = {
  readonly names: readonly string[]
  readonly min: number
  readonly template: Readonly<Record<string, unknown>>
}

/** What each choice of a combo brings along. */
// biome-ignore lint/suspicious/noExplicitAny: Input is invariant in its value type; this is the bound for all of them.
type Choices = { readonly [choice: string]: { readonly [name: string]: Input<any> } }

type Common = { tooltip?: string; optional?: boolean }
type MaybeOptional<T, C> = C extends { optional: true } ? T | undefined : T

function input<T>(
  parts: Partial<Omit<Input<T>, 'valueType'>> & Pick<Input<T>, 'spec' | 'widget'>,
  common: Common & InputOptions = {},
): Input<T> {
  const { optional = false, ...options } = common
  return { options, optional, secret: false, inert: false, acceptsLinks: [], ...parts }
}

/** A socket without a widget: the value comes along a link. */
export function socket<S extends SocketType, const C extends Common & { lazy?: boolean }>(
  type: S,
  common?: C,
  extra?: { acceptsLinks?: readonly string[] },
): Input<MaybeOptional<SocketTypes[S], C>> {
  return input({ spec: type, widget: false, ...extra }, common)
}

/** A whole number; bigint beyond 2^53. Named `seed` or `noise_seed` it gets a control widget, as in ComfyUI. */
export function int<
  const C extends Common & {
    default?: number | bigint
    min?: number | bigint
    max?: number | bigint
    step?: number
    display?: 'color'
    control_after_generate?: InputOptions['control_after_generate']
  },
>(common?: C, extra?: { acceptsText?: RegExp; inert?: boolean }): Input<MaybeOptional<number | bigint, C>> {
  return input({ spec: 'INT', widget: true, ...extra }, { default: 0, ...common })
}

export function float<
  const C extends Common & { default?: number; min?: number; max?: number; step?: number },
>(common?: C, extra?: { acceptsLinks?: readonly string[] }): Input<MaybeOptional<number, C>> {
  return input({ spec: 'FLOAT', widget: true, ...extra }, { default: 0, ...common })
}

export function string<
  const C extends Common & { default?: string; multiline?: boolean; forceInput?: boolean },
>(
  common?: C,
  extra?: { secret?: boolean; acceptsLinks?: readonly string[] },
): Input<MaybeOptional<string, C>> {
  const { forceInput } = { forceInput: false, ...common }
  return input(
    { spec: 'STRING', widget: !forceInput, ...extra },
    forceInput ? common : { default: '', ...common },
  )
}

export function boolean<const C extends Common & { default?: boolean }>(
  common?: C,
  extra?: { inert?: boolean },
): Input<MaybeOptional<boolean, C>> {
  return input({ spec: 'BOOLEAN', widget: true, ...extra }, { default: false, ...common })
}

/** One of a fixed list. */
export function oneOf<const T extends readonly [string, ...string[]]>(
  options: T,
  common?: Common & { default?: T[number] },
): Input<T[number]> {
  return input({ spec: options, widget: true }, common)
}

/** A part of a picture, as one value. */
export function boundingBox(common?: Common): Input<BoundingBox> {
  return input(
    { spec: 'BOUNDING_BOX', widget: true },
    { default: { x: 0, y: 0, width: 512, height: 512 }, socketless: true, component: 'ImageCrop', ...common },
  )
}

/** The name of a picture in the input folder, with an upload button. */
export function imageFile(common?: Common): Input<string> {
  return input({ spec: [], widget: true, files: 'image' }, { image_upload: true, ...common })
}

/** The name of a picture in the output folder (ComfyUI: LoadImageOutput). */
export function savedImageFile(common?: Common): Input<string> {
  const remote = {
    route: '/internal/files/output',
    refresh_button: true,
    control_after_refresh: 'first',
  } as const
  return input(
    { spec: [], widget: true, files: 'saved' },
    { image_upload: true, image_folder: 'output', remote, ...common },
  )
}

/** The name of a file in the input folder, with an upload button. */
export function fileOf<const C extends Common>(kind: FileKind, common?: C): Input<MaybeOptional<string, C>> {
  // A pack has a plain STRING here: a link may bring one.
  return input(
    { spec: [], widget: true, files: kind, acceptsLinks: ['STRING'] },
    { file_upload: kind, default: '', ...common },
  )
}

/** The name of a sound, or of a video for its sound. */
export function audioFile(common?: Common): Input<string> {
  return input({ spec: [], widget: true, files: 'audio' }, { audio_upload: true, ...common })
}

/** The name of a video; as `clip` also of an animated picture. */
export function videoFile(kind: 'video' | 'clip', common?: Common): Input<string> {
  return input({ spec: [], widget: true, files: kind }, { video_upload: true, ...common })
}

/** The name of a latent; ComfyUI has no upload button for these. */
export function latentFile(common?: Common): Input<string> {
  return input({ spec: [], widget: true, files: 'latent' }, common)
}

/**
 * Sockets that appear as they are used (ComfyUI: COMFY_AUTOGROW_V3). In a prompt each is an input of its own, `images.image0`;
 * execute() receives those that are there as one record by their short names, in order.
 */
export function autogrow<S extends SocketType>(
  type: S,
  options: { item: string; min: number; types?: string } & (
    | { prefix: string; max: number }
    | { names: readonly string[] }
  ),
): Input<Readonly<Record<string, SocketTypes[S]>>> {
  const { item, min, types = type, ...naming } = options
  const names =
    'names' in naming
      ? naming.names
      : Array.from({ length: naming.max }, (_, index) => `${naming.prefix}${index}`)
  const template = { input: { required: { [item]: [types, {}] } }, ...naming, min }
  return input({ spec: types, widget: false, grow: { names, min, template } })
}

type Chosen<C extends Choices> = {
  readonly [K in keyof C]: { readonly choice: K } & {
    readonly [N in keyof C[K]]: C[K][N] extends Input<infer T> ? T : never
  }
}[keyof C]

/**
 * One of a list, each with inputs of its own that are there while it is chosen (ComfyUI: COMFY_DYNAMICCOMBO_V3). In a prompt they stand
 * beside it, `format: "mp3"` and `format.quality`; execute() receives the choice and them as one record.
 */
export function dynamicCombo<const C extends Choices>(choices: C, common?: Common): Input<Chosen<C>> {
  return input({ spec: Object.keys(choices), widget: true, choices }, common)
}
