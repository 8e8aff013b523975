import { readConfig } from './config.ts'
import { type RunEvent, sayProblem } from './executor/index.ts'
import { createBridge as createHouse } from './main.ts'
import { forceOf, openContent, openFile } from './runner/open-file.ts'
import { runOpened } from './runner/run-opened.ts'
import type { RunReport } from './runner/run-result.ts'
import { writeJson } from './shared/lossless-json.ts'

/**
 * rh-bridge as a library: `import { createBridge } from 'rh-bridge'`.
 *
 *     await using bridge = await createBridge()
 *     const { outputs } = await bridge.run('graph.json', { set: { '6.text': 'a cat' } })
 */

export type BridgeOptions = {
  /** Keeps inputs, outputs, the journal of paid tasks and the keys. Default: `RH_BRIDGE_DATA_DIR`, else `data`. */
  readonly dataDir?: string
  readonly inputDir?: string
  readonly outputDir?: string
  /** Folders outside the data folder whose files nodes may name by path. */
  readonly allowDir?: readonly string[]
  /** `auto` (default): the built-in simulator, when no key is known. */
  readonly sandbox?: 'auto' | 'on' | 'off'
  readonly baseUrl?: string
  readonly apiKey?: string
  /** What to do when the answer to a create is lost and a paid task may exist. Default: `fail`, with what to do. */
  readonly onUnknown?: 'fail' | 'resubmit'
}

/** A path, the bytes of a file (JSON, or a picture that carries a workflow), or a workflow or prompt as an object. */
export type Source = string | Uint8Array | object

export type SourceOptions = {
  /** Values by `NODE.INPUT`; NODE is an id or a title. For a picture: a path. */
  readonly set?: Readonly<Record<string, string | number | bigint | boolean>>
}

export type RunOptions = SourceOptions & {
  /** Ends the run, and tells RunningHub to stop its tasks. */
  readonly signal?: AbortSignal
  /** Everything that happens, in order. */
  readonly onEvent?: (event: RunEvent) => void
  /** Makes these nodes anew (ids or titles) and what follows from them, frozen or not; or everything that is not frozen. */
  readonly force?: readonly string[] | true
}

export type Validation = {
  /** Output nodes that would run. */
  readonly outputs: readonly string[]
  readonly problems: readonly {
    readonly nodeId: string
    readonly nodeType: string
    readonly code: string
    readonly message: string
    readonly hint: string | null
  }[]
}

export type { RunEvent, RunReport }

export type Bridge = {
  /**
   * Runs a graph and leaves its results as files. Resolves also when nodes failed: see `status` and `errors`. Throws for a source or
   * values that cannot be used.
   */
  run(source: Source, options?: RunOptions): Promise<RunReport>
  /** What would run, and every problem; nothing is started or paid. */
  validate(source: Source, options?: SourceOptions): Promise<Validation>
  /** Ends connections and the sandbox. Runs must have ended. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Opens a data folder. Settings not given here come from the environment, as for the command line. */
export async function createBridge(options: BridgeOptions = {}): Promise<Bridge> {
  const house = await createHouse(readConfig(options, process.env))

  const open = (source: Source, { set = {} }: SourceOptions, adopt: boolean) => {
    const sets = Object.entries(set).map(([target, value]) => `${target}=${value}`)
    if (typeof source === 'string') return openFile(house, source, { sets, adopt })
    const content = source instanceof Uint8Array ? source : writeJson(source)
    return openContent(house, { content }, { sets, adopt })
  }

  const close = () => house.close()
  return {
    async run(source, how = {}) {
      const opened = await open(source, how, true)
      house.state()
      const { signal = new AbortController().signal, onEvent, force = [] } = how
      const checked = await house.check(opened.prompt, {
        cloud: 'ask',
        keys: opened.liftedKeys,
        force: force === true || forceOf(house, opened.prompt, { nodes: force, everything: false }),
      })
      return runOpened(house, { opened, checked }, { signal, ...(onEvent !== undefined && { onEvent }) })
    },

    async validate(source, how = {}) {
      const opened = await open(source, how, false)
      const { outputs, problems } = await house.check(opened.prompt, {
        cloud: 'ask',
        keys: opened.liftedKeys,
        foundMedia: opened.foundMedia,
      })
      return {
        outputs,
        problems: problems.map(problem => {
          const { nodeId, nodeType, code } = problem
          const { message, hint = null } = sayProblem(problem)
          return { nodeId, nodeType, code, message, hint }
        }),
      }
    },

    close,
    [Symbol.asyncDispose]: close,
  }
}
