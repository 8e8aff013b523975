import type { AssetAccess, CloudAccess, NodeContext, SavedFile } from './context.ts'
import { chosenInputs, gather, spread } from './grow.ts'
import type { Grow, Input } from './inputs.ts'
import type { NodeWords } from './node-words.ts'
import type { NodeInfo, RunningHubSettings, SocketType, SocketTypes } from './values.ts'

export {
  audioFile,
  autogrow,
  boolean,
  boundingBox,
  dynamicCombo,
  type FileKind,
  fileOf,
  float,
  type Grow,
  type Input,
  imageFile,
  int,
  latentFile,
  oneOf,
  savedImageFile,
  socket,
  string,
  videoFile,
} from './inputs.ts'

/**
 * The whole authoring API: a node is data plus one function. The data feeds /object_info, the validator, the workflow
 * converter and the editor; nobody describes a node twice.
 */

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
  /**
   * The end of a loop over a list: whether items that failed on their way are left out instead of failing their node. It receives them
   * as {@link Failed}. Only for a node that takes lists.
   */
  readonly leavesOutFailed?: (inputs: Partial<Values<I>>) => boolean
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
  /** Inputs whose file is sent to RunningHub as it lies, of those given: its size is checked before a run. */
  readonly uploads?: Uploads
  /** The input that names the file which the first output is, as it lies. */
  readonly givesFile?: string
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

export type ForetoldTask =
  | {
      readonly kind: 'workflow' | 'app'
      readonly settings: RunningHubSettings
      readonly nodeInfoList: readonly NodeInfo[]
    }
  | {
      readonly kind: 'model'
      readonly settings: RunningHubSettings
      readonly endpoint: string
      /** What is sent, for the price; undefined when that depends on what only a run will tell. */
      readonly body: Readonly<Record<string, unknown>> | undefined
    }

/** Values typed in, and {@link notYetKnown} for what comes along a link. */
export type Uploads = (given: Readonly<Record<string, unknown>>) => readonly string[]

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
  readonly leavesOutFailed?: (inputs: Readonly<Record<string, unknown>>) => boolean
  readonly fingerprint?: Definition<AnyInputs, Record<string, Output>, boolean>['fingerprint']
  readonly cacheForMs: number
  readonly isPure: boolean
  readonly foretell?: (call: {
    readonly inputs: Readonly<Record<string, unknown>>
    readonly more: Readonly<Record<string, unknown>>
  }) => ForetoldTask | undefined
  readonly infoInputs?: InfoInputs
  readonly uploads?: Uploads
  readonly givesFile?: string
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
  const choosing = Object.entries(definition.inputs).filter(([, { choices }]) => choices)
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
    ...(definition.uploads && { uploads: definition.uploads }),
    ...(definition.givesFile !== undefined && { givesFile: definition.givesFile }),
    ...(definition.moreInputs && { moreInputs: definition.moreInputs }),
    ...(definition.leavesOutFailed && {
      leavesOutFailed: definition.leavesOutFailed as NodeDefinition['leavesOutFailed'],
    }),
    ...(definition.needs && { needs: definition.needs as NodeDefinition['needs'] }),
    ...(definition.fingerprint && { fingerprint: definition.fingerprint }),
    formerInputs: definition.formerInputs ?? {},
    ...(definition.migrateWidgets && { migrateWidgets: definition.migrateWidgets }),
    execute:
      growing.size + choosing.length === 0
        ? execute
        : call => execute({ ...call, inputs: gather(call.inputs, growing, choosing) }),
  }
}

const knownChoices = new WeakMap<ReadonlyMap<string, Input<unknown>>, boolean>()

function hasChoices(inputs: ReadonlyMap<string, Input<unknown>>): boolean {
  const known = knownChoices.get(inputs)
  if (known !== undefined) return known
  const found = [...inputs.values()].some(({ choices }) => choices !== undefined)
  knownChoices.set(inputs, found)
  return found
}

/** The inputs of a node as it is given: the declared ones, each choice with what it brings along, then those it takes besides. */
export function inputsFor(
  definition: Pick<NodeDefinition, 'inputs' | 'moreInputs'>,
  given: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, Input<unknown>> {
  const { inputs, moreInputs } = definition
  // Most nodes are no more than declared, and this is asked several times of each.
  if (!moreInputs && !hasChoices(inputs)) return inputs
  const all = new Map(
    [...inputs].flatMap(([name, input]) => [
      [name, input] as const,
      ...(input.choices ? chosenInputs(name, input, given[name]) : []),
    ]),
  )
  if (!moreInputs) return all
  for (const name of Object.keys(given)) {
    const input = inputs.has(name) ? undefined : moreInputs(name)
    if (input) all.set(name, { ...input, optional: true })
  }
  return all
}
