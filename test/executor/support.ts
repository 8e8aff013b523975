import { onTestFinished } from 'vitest'
import type { AssetAccess, CloudAccess, NodeContext } from '../../nodes/context.ts'
import {
  boolean,
  defineNode,
  float,
  int,
  listOf,
  type NodeDefinition,
  oneOf,
  socket,
  string,
  type Ui,
} from '../../nodes/define-node.ts'
import { createCatalogue } from '../../nodes/index.ts'
import {
  type CheckOptions,
  createMemoryCache,
  type Pinned,
  type ResultCache,
  type RunControl,
  type RunEvent,
  type RunResult,
  runPrompt,
  validatePrompt,
} from '../../server/executor/index.ts'
import { type Clock, systemClock } from '../../server/shared/clock.ts'
import type { JsonValue } from '../../server/shared/lossless-json.ts'
import type { Prompt, PromptNode } from '../../server/shared/prompt.ts'

export type Call = { readonly inputs: Readonly<Record<string, unknown>> } & NodeContext
/** What a `Step` or `End` with this id, or with any (`*`), does instead of giving its inputs on as text. */
export type Behaviour = (call: Call) => unknown

const sockets = Object.fromEntries(
  Array.from({ length: 16 }, (_, index) => [`in${index}`, socket('*', { optional: true })] as const),
)

/** Test nodes: `Step` and `End` do what the test says, the others each show one thing. */
export function testNodes(behaviours: ReadonlyMap<string, Behaviour>, executed: string[]) {
  const perform = async (call: Call): Promise<unknown> => {
    executed.push(call.nodeId)
    const behaviour = behaviours.get(call.nodeId) ?? behaviours.get('*')
    if (behaviour) return behaviour(call)
    return `${call.nodeId}(${Object.values(call.inputs).map(String).join(',')})`
  }
  const common = { displayName: '', category: 'test' }
  const text = { salt: string({ optional: true }), number: int({ optional: true }) }
  return [
    defineNode({
      ...common,
      type: 'Step',
      inputs: { ...sockets, ...text, key: string({ optional: true }, { secret: true }) },
      outputs: { out: '*', second: '*' },
      execute: async call => {
        const out = await perform(call)
        return { out, second: out }
      },
    }),
    defineNode({
      ...common,
      type: 'End',
      isOutput: true,
      inputs: { ...sockets, ...text },
      outputs: { out: '*' },
      execute: async call => {
        const out = await perform(call)
        return { out, ui: { text: [String(out)] } satisfies Ui }
      },
    }),
    defineNode({
      ...common,
      type: 'Needy',
      isOutput: true,
      inputs: { value: socket('*') },
      outputs: {},
      execute: async call => ({ ui: { text: [String(await perform(call))] } }),
    }),
    defineNode({
      ...common,
      type: 'Words',
      inputs: { words: string() },
      outputs: { WORDS: listOf('STRING'), COUNT: 'INT' },
      execute: async ({ inputs }) => {
        const words = inputs.words.split(' ').filter(word => word !== '')
        return { WORDS: words, COUNT: words.length }
      },
    }),
    defineNode({
      ...common,
      type: 'Join',
      isOutput: true,
      inputIsList: true,
      inputs: { left: socket('STRING'), right: string({ optional: true }) },
      outputs: { TEXT: 'STRING' },
      execute: async call => {
        executed.push(call.nodeId)
        const text = `${call.inputs.left.join('+')}|${(call.inputs.right ?? []).join('+')}`
        return { TEXT: text, ui: { text: [text] } }
      },
    }),
    defineNode({
      ...common,
      type: 'Picky',
      isOutput: true,
      inputs: {
        small: int({ default: 3, min: 1, max: 8 }),
        huge: int({ min: 0, max: 2n ** 64n - 1n }),
        ratio: float({ min: 0, max: 1 }),
        flag: boolean(),
        title: string(),
        mode: oneOf(['a', 'b']),
      },
      outputs: {},
      execute: async ({ inputs }) => ({ ui: { text: [JSON.stringify(inputs, bigintAsText)] } }),
    }),
    defineNode({
      ...common,
      type: 'Pictures',
      isOutput: true,
      inputs: { images: socket('IMAGE') },
      outputs: {},
      execute: async () => ({}),
    }),
    defineNode({
      ...common,
      type: 'File',
      inputs: { name: string() },
      outputs: { out: '*' },
      fingerprint: async ({ inputs, assets }) => (await assets.find(String(inputs.name))).sha256,
      execute: async call => {
        executed.push(call.nodeId)
        return { out: await call.assets.find(call.inputs.name) }
      },
    }),
    defineNode({
      ...common,
      type: 'Checked',
      isOutput: true,
      inputs: { name: string() },
      outputs: {},
      validate: {
        name: async value =>
          value === 'good' ? undefined : { message: `no such thing: ${value}`, hint: 'Write good.' },
      },
      execute: async () => ({}),
    }),
  ]
}

const bigintAsText = (_key: string, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)

/** Stands where a test needs no files; any use of it is a mistake of the test. */
const noFiles = new Proxy({} as AssetAccess, {
  get: (_target, name) => () => Promise.reject(new Error(`no files here: ${String(name)}`)),
})
const noCloud = new Proxy({} as CloudAccess, {
  get: (_target, name) => () => Promise.reject(new Error(`no cloud here: ${String(name)}`)),
})

/** The real cache, roomy unless told. */
export const memoryCache = (options: Partial<Parameters<typeof createMemoryCache>[0]> = {}): ResultCache =>
  createMemoryCache({ maxEntries: 100_000, now: Date.now, isThere: () => true, ...options })

export type BenchOptions = {
  behaviours?: Record<string, Behaviour>
  nodes?: readonly NodeDefinition[]
  clock?: Clock
  assets?: AssetAccess
  cache?: ResultCache
}

export type Ran = { result: RunResult; events: RunEvent[]; executed: string[]; texts: Record<string, string> }

/** An executor over the test nodes, with one cache for all its runs. */
export function openExecutor(options: BenchOptions = {}) {
  const executed: string[] = []
  const behaviours = new Map(Object.entries(options.behaviours ?? {}))
  const catalogue = createCatalogue([...testNodes(behaviours, executed), ...(options.nodes ?? [])])
  const services = {
    catalogue,
    clock: options.clock ?? systemClock,
    cache: options.cache ?? memoryCache(),
    assets: options.assets ?? noFiles,
    cloud: noCloud,
    pins: { find: (pin: string) => pins.get(pin) },
  }
  const pins = new Map<string, Pinned>()
  const check = (given: Record<string, PromptNode>, how: CheckOptions = {}) =>
    validatePrompt(promptOf(given), services, how)
  return {
    executed,
    behaviours,
    pins,
    check,
    async run(
      given: Record<string, PromptNode>,
      how: {
        signal?: AbortSignal
        onEvent?: (event: RunEvent) => void
        onStart?: (control: RunControl) => void
      } & CheckOptions = {},
    ): Promise<Ran> {
      executed.length = 0
      const events: RunEvent[] = []
      const result = await runPrompt(await check(given, how), services, {
        runId: 'test',
        signal: how.signal ?? new AbortController().signal,
        onEvent: event => {
          events.push(event)
          how.onEvent?.(event)
        },
        ...(how.onStart && { onStart: how.onStart }),
      })
      const texts: Record<string, string> = {}
      for (const [nodeId, ui] of result.outputs) texts[nodeId] = (ui.text ?? []).join(';')
      return { result, events, executed: [...executed], texts }
    },
  }
}

/** Prompts have no prototype: ids come from files. */
function promptOf(nodes: Record<string, PromptNode>): Prompt {
  return Object.assign(Object.create(null), nodes)
}

export function node(type: string, inputs: Record<string, JsonValue> = {}): PromptNode {
  return { class_type: type, inputs }
}
/** A node of the given type fed by others, in order. */
export function fed(type: string, ...sources: string[]): PromptNode {
  return node(type, Object.fromEntries(sources.map((id, index) => [`in${index}`, [id, 0]])))
}

/** A moment that code waits for and the test brings about, and the other way round. */
export function createMoment() {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { reached: promise, reach: resolve }
}

/** A stop button that is always released, so that no test leaves work behind. */
export function stopButton() {
  const controller = new AbortController()
  onTestFinished(() => controller.abort(new Error('the test is over')))
  return { signal: controller.signal, press: () => controller.abort(new Error('stopped')) }
}

export const typesOf = (events: readonly RunEvent[]) => events.map(event => event.type)
export const idsOf = (events: readonly RunEvent[], type: RunEvent['type']) =>
  events.flatMap(event => (event.type === type && 'nodeId' in event ? [event.nodeId] : []))
