import type { AssetAccess, CloudAccess, NodeContext, SavedFile } from './context.ts'
import { gather, spread } from './grow.ts'
import type { NodeWords } from './node-words.ts'
import type { NodeInfo, RunningHubSettings, SocketType, SocketTypes } from './values.ts'

/**
 * The whole authoring API: a node is data plus one function. The data feeds /object_info, the validator, the workflow
 * converter and the editor; nobody describes a node twice.
 */

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
  /** Only carries the type; never present at run time. */
  readonly valueType?: T
}

/**
 * Kinds of files a widget offers: `audio` also has videos (their sound), `clip` videos and animations, `latent` files of that extension,
 * `any` every file.
 */
export type FileKind = 'image' | 'audio' | 'video' | 'clip' | 'latent' | 'any'

/** ComfyUI's input options (object_info, section 7 of its reference); unknown to us means not here. */
export type InputOptions = {
  readonly default?: string | number | bigint | boolean
  readonly min?: number | bigint
  readonly max?: number | bigint
  readonly step?: number
  readonly multiline?: boolean
  readonly forceInput?: boolean
  readonly control_after_generate?: boolean | 'fixed' | 'increment' | 'decrement' | 'randomize'
  readonly image_upload?: boolean
  /** Ours: a file widget whose upload button leaves nothing behind in widgets_values. */
  readonly file_upload?: FileKind
  readonly audio_upload?: boolean
  readonly video_upload?: boolean
  readonly tooltip?: string
  /** Computed only when the node asks for it, see `needs`. */
  readonly lazy?: boolean
}

/** The sockets of an input that grows: `names` in order, the first `min` of them required, `template` as /object_info has it. */
export type Grow = {
  readonly names: readonly string[]
  readonly min: number
  readonly template: Readonly<Record<string, unknown>>
}

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

/** The name of a picture in the input folder, with an upload button. */
export function imageFile(common?: Common): Input<string> {
  return input({ spec: [], widget: true, files: 'image' }, { image_upload: true, ...common })
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

/** An output: its type, or `listOf(type)` when each item is a value of its own (ComfyUI: output_is_list). */
export type Output = SocketType | ListOutput<SocketType>
export type ListOutput<S extends SocketType> = { readonly list: S }

export function listOf<S extends SocketType>(type: S): ListOutput<S> {
  return { list: type }
}

// biome-ignore lint/suspicious/noExplicitAny: Input is invariant in its value type; this is the bound for all of them.
type AnyInputs = Record<string, Input<any>>
type Values<I extends AnyInputs> = { readonly [K in keyof I]: I[K] extends Input<infer T> ? T : never }
type Listed<I extends AnyInputs> = { readonly [K in keyof I]: readonly Values<I>[K][] }
type OutputValue<O extends Output> =
  | (O extends SocketType
      ? SocketTypes[O]
      : O extends ListOutput<infer S>
        ? readonly SocketTypes[S][]
        : never)
  | { readonly kind: 'absent'; readonly reason: string }
type OutputValues<O extends Record<string, Output>> = { readonly [K in keyof O]: OutputValue<O[K]> }

/**
 * What an output node shows, under ComfyUI's keys (`images`, `text`, `audio`, `gifs`, ...): saved files, texts, flags.
 * `files` is ours: results of any kind that no other node took.
 */
export type Ui = { readonly [key: string]: readonly (SavedFile | string | boolean)[] }

type Definition<I extends AnyInputs, O extends Record<string, Output>, L extends boolean> = {
  /** The id in files (ComfyUI: class_type). */
  readonly type: string
  readonly displayName: string
  readonly category: string
  readonly description?: string
  /** ComfyUI's python_module: where editors say the node comes from. */
  readonly module?: string
  /** What people write by mistake or wrote formerly; resolved with a notice. */
  readonly aliases?: readonly string[]
  readonly words?: NodeWords
  readonly inputs: I
  readonly outputs: O
  /**
   * Inputs beyond the named ones, by what a prompt or file calls them (ComfyUI: autogrow, dynamic combos): the input a name
   * stands for, undefined for a name that means nothing here. Always optional; execute() finds them in `more`.
   */
  readonly moreInputs?: (name: string) => Input<unknown> | undefined
  readonly isOutput?: boolean
  /** Receives every input as a list of all its items, in one call (ComfyUI: is_input_list). */
  readonly inputIsList?: L
  /** Checks beyond type and bounds, by input name: a sentence, or undefined when all is well. Replaces the list check. */
  readonly validate?: { readonly [K in keyof I]?: ValidateInput }
  /**
   * Which of its linked `lazy` inputs a node needs, once the others are known (ComfyUI: check_lazy_status). What feeds only those it
   * does not need is not run.
   */
  readonly needs?: (inputs: Partial<Values<I>>, linked: ReadonlySet<string>) => readonly string[]
  /** Text that changes when the node would give something else for the same inputs, e.g. a file's hash. */
  readonly fingerprint?: (context: {
    /** Values typed in; what comes along links is not known yet. */
    inputs: Readonly<Record<string, unknown>>
    /** For what shall differ from run to run, and not when a run goes on after a crash. */
    work: { runId: string; nodeId: string }
    isLinked(input: string): boolean
    assets: AssetAccess
    cloud: Pick<CloudAccess, 'siteOf'>
  }) => Promise<string>
  /** How long a result may be used again; without end when absent. */
  readonly cacheForMs?: number
  /**
   * Older layouts of widgets_values turned into today's order. `outputs` is how many outputs the stored node has, the only
   * other clue to its age.
   */
  readonly migrateWidgets?: (values: readonly unknown[], node: { outputs: number }) => readonly unknown[]
  /** execute() only computes from its inputs, without context: the check may call it ahead of a run to see what will be sent. */
  readonly isPure?: boolean
  /**
   * Of a node that runs something on RunningHub: which task these inputs come to, for the check before paying. Values that are not
   * known yet are {@link notYetKnown}; throwing or giving nothing leaves the node unchecked.
   */
  readonly foretell?: (call: {
    readonly inputs: Values<I>
    readonly more: Readonly<Record<string, unknown>>
  }) => ForetoldTask | undefined
  /** Of a node that adds to a nodeInfoList: its inputs by what they become there, so that a fix knows where to write. */
  readonly infoInputs?: InfoInputs
  /** Inputs by the names files knew them under formerly. */
  readonly formerInputs?: Readonly<Record<string, keyof I & string>>
  readonly execute: (
    call: {
      readonly inputs: L extends true ? Listed<I> : Values<I>
      /** What came for {@link Definition.moreInputs}, in the order of the prompt; lists when the node takes lists. */
      readonly more: Readonly<Record<string, unknown>>
    } & NodeContext,
  ) => Promise<OutputValues<O> & Besides>
}

/** What a node gives beside its outputs. */
type Besides = {
  readonly ui?: Ui
  /** False: not to be used again for the same inputs. */
  readonly isKept?: boolean
}

/** Stands for a value that comes along a link and only a run will tell. */
export const notYetKnown: unique symbol = Symbol('not yet known')

export type ForetoldTask = {
  readonly kind: 'workflow' | 'app'
  readonly settings: RunningHubSettings
  readonly nodeInfoList: readonly NodeInfo[]
}

export type InfoInputs = { readonly nodeId: string; readonly fieldName: string; readonly value: string }

/** Looks at a literal value: what is wrong and what to do about it, or undefined when all is well. */
export type ValidateInput = (
  value: unknown,
  context: { assets: AssetAccess },
) => Promise<{ readonly message: string; readonly hint?: string } | undefined>

/** A node definition as the rest of the house sees it, without its own types. */
export type NodeDefinition = {
  readonly type: string
  readonly displayName: string
  readonly category: string
  readonly description: string
  readonly module: string
  readonly aliases: readonly string[]
  readonly words?: NodeWords
  /** By the names they have in a prompt. */
  readonly inputs: ReadonlyMap<string, Input<unknown>>
  readonly moreInputs?: (name: string) => Input<unknown> | undefined
  /** Inputs that grow, by the name that /object_info has for all their sockets. */
  readonly growing: ReadonlyMap<string, Grow>
  readonly outputs: readonly { readonly name: string; readonly type: string; readonly isList: boolean }[]
  readonly isOutput: boolean
  readonly inputIsList: boolean
  readonly validate: ReadonlyMap<string, ValidateInput>
  readonly hasLazyInputs: boolean
  readonly needs?: (
    inputs: Readonly<Record<string, unknown>>,
    linked: ReadonlySet<string>,
  ) => readonly string[]
  readonly fingerprint?: Definition<AnyInputs, Record<string, Output>, boolean>['fingerprint']
  readonly cacheForMs: number
  readonly isPure: boolean
  readonly foretell?: (call: {
    readonly inputs: Readonly<Record<string, unknown>>
    readonly more: Readonly<Record<string, unknown>>
  }) => ForetoldTask | undefined
  readonly infoInputs?: InfoInputs
  readonly formerInputs: Readonly<Record<string, string>>
  readonly migrateWidgets?: (values: readonly unknown[], node: { outputs: number }) => readonly unknown[]
  execute(
    call: {
      readonly inputs: Readonly<Record<string, unknown>>
      readonly more: Readonly<Record<string, unknown>>
    } & NodeContext,
  ): Promise<Readonly<Record<string, unknown>> & Besides>
}

/** Defines a node. Input and output names are inferred: execute() cannot read or return a misspelt one. */
export function defineNode<
  const I extends AnyInputs,
  const O extends Record<string, Output>,
  const L extends boolean = false,
>(definition: Definition<I, O, L>): NodeDefinition {
  const required = Object.entries(definition.inputs).filter(([, spec]) => !spec.optional)
  const optional = Object.entries(definition.inputs).filter(([, spec]) => spec.optional)
  const validate = Object.entries(definition.validate ?? {}) as [string, ValidateInput][]
  // The executor has validated the inputs against the very data the types were inferred from.
  const execute = definition.execute as NodeDefinition['execute']
  const growing = new Map(required.flatMap(([name, { grow }]) => (grow ? [[name, grow] as const] : [])))
  return {
    type: definition.type,
    displayName: definition.displayName,
    category: definition.category,
    description: definition.description ?? '',
    module: definition.module ?? 'custom_nodes.rh-bridge',
    aliases: definition.aliases ?? [],
    ...(definition.words && { words: definition.words }),
    // ComfyUI's order (input_order): the required ones first. widgets_values follow it.
    inputs: new Map([...required, ...optional].flatMap(([name, input]) => spread(name, input))),
    growing,
    hasLazyInputs: Object.values(definition.inputs).some(({ options }) => options.lazy === true),
    outputs: Object.entries(definition.outputs).map(([name, output]) =>
      typeof output === 'string'
        ? { name, type: output, isList: false }
        : { name, type: output.list, isList: true },
    ),
    isOutput: definition.isOutput ?? false,
    inputIsList: definition.inputIsList ?? false,
    validate: new Map(validate),
    cacheForMs: definition.cacheForMs ?? Number.MAX_SAFE_INTEGER,
    isPure: definition.isPure ?? false,
    ...(definition.foretell && { foretell: definition.foretell as NonNullable<NodeDefinition['foretell']> }),
    ...(definition.infoInputs && { infoInputs: definition.infoInputs }),
    ...(definition.moreInputs && { moreInputs: definition.moreInputs }),
    ...(definition.needs && { needs: definition.needs as NodeDefinition['needs'] }),
    ...(definition.fingerprint && { fingerprint: definition.fingerprint }),
    formerInputs: definition.formerInputs ?? {},
    ...(definition.migrateWidgets && { migrateWidgets: definition.migrateWidgets }),
    execute:
      growing.size === 0 ? execute : call => execute({ ...call, inputs: gather(call.inputs, growing) }),
  }
}

/** The declared inputs of a node, then those it takes besides among the given names. */
export function inputsFor(
  definition: Pick<NodeDefinition, 'inputs' | 'moreInputs'>,
  given: Iterable<string>,
): ReadonlyMap<string, Input<unknown>> {
  const { inputs, moreInputs } = definition
  if (!moreInputs) return inputs
  const all = new Map(inputs)
  for (const name of given) {
    const input = inputs.has(name) ? undefined : moreInputs(name)
    if (input) all.set(name, { ...input, optional: true })
  }
  return all
}
