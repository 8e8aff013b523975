import { hash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { AssetStore } from '../assets/index.ts'
import {
  type BatchHouse,
  type BatchRow,
  type BatchStore,
  type BatchSummary,
  bindMapping,
  createBatches,
  type OpenBatchWish,
  type RowState,
} from '../batch/index.ts'
import { type CheckedPrompt, sayProblem } from '../executor/index.ts'
import type { Clock } from '../shared/clock.ts'
import { BridgeError, messageOf } from '../shared/errors.ts'
import { writeJson } from '../shared/lossless-json.ts'
import { createFileTaker, watchColumns } from './columns.ts'
import { createOwnResults } from './own-results.ts'
import { type SteadyFile, watchSteadyFiles } from './steady-files.ts'

export type WatchWish = Pick<
  OpenBatchWish,
  'title' | 'prompt' | 'workflow' | 'mapping' | 'name' | 'parallel' | 'capCoins'
> & {
  readonly folder: string
  readonly isRecursive: boolean
  /** Without the dot; empty: the usual ones of the mapped columns. */
  readonly extensions: readonly string[]
  readonly takesExisting: boolean
  readonly settleMs: number
}

/** What happens to files; paths are below the folder. */
export type WatchNews =
  | { readonly event: 'taken'; readonly file: string }
  | { readonly event: 'done' | 'failed'; readonly file: string; readonly row: BatchRow }
  /** Its content was seen before: nothing is paid again. */
  | { readonly event: 'known'; readonly file: string; readonly sameAs: string; readonly state: RowState }
  | { readonly event: 'unreadable'; readonly file: string; readonly why: string }
  | { readonly event: 'trouble'; readonly why: string }

export type WatchSummary = BatchSummary

/** What a watch needs of the house. */
export type WatchHouse = {
  readonly house: BatchHouse
  readonly assets: Pick<AssetStore, 'describe' | 'adopt'>
  readonly store: () => BatchStore
  readonly clock: Clock
  /** Where results go and the house keeps its own files: what lies there starts nothing. */
  readonly ownFolders: readonly string[]
}

/**
 * A graph over the files of a folder, as they come: a batch that grows. Each content is run once, whatever the file is called and however
 * often the program starts; what a crash cut off goes on.
 */
export function createWatch(wish: WatchWish, parts: WatchHouse, onNews: (news: WatchNews) => void) {
  const folder = resolve(wish.folder)
  const id = idOf(wish, folder)
  const taker = createFileTaker(Object.keys(wish.mapping), wish.extensions)
  const results = createOwnResults(parts.store, folder)
  const isStill = createSignal()
  const batches = createBatches({
    ...parts,
    runsWatched: true,
    onRow(_id, index, { state }) {
      if (state !== 'done' && state !== 'failed') return
      const [row] = parts.store().rows(id, { offset: index, limit: 1 })
      if (row) onNews({ event: state, file: row.values.path ?? '', row })
    },
  })
  /** What was taken, by content. */
  const taken = new Map<string, { index: number; path: string }>()
  let files: ReturnType<typeof watchSteadyFiles> | undefined
  let working: Promise<void> | undefined
  let isStopping = false

  /** Everything wrong that a file would not put right, before anything is paid. Answers what is known of one file's run. */
  async function plan(): Promise<CheckedPrompt> {
    const mapping = bindMapping(wish.mapping, wish.prompt, watchColumns, parts.house.catalogue)
    const fromFile = new Set(Object.values(mapping).flatMap(targets => targets.map(inputOf)))
    const checked = await parts.house.check(wish.prompt, { cloud: 'ask' })
    const problem = checked.problems.find(one => !fromFile.has(inputOf({ ...one, input: one.input ?? '' })))
    if (checked.outputs.length > 0 || (problem === undefined && checked.problems.length > 0)) return checked
    const said = problem && sayProblem(problem)
    throw new BridgeError(
      problem
        ? `Node ${problem.nodeId} (${problem.nodeType}): ${said?.message}`
        : 'Nothing of the graph would run.',
      { code: 'bad-batch', ...(said?.hint !== undefined && { hint: said.hint }) },
    )
  }

  async function take({ path, isUnchanged }: SteadyFile): Promise<'taken' | 'again'> {
    const whole = join(folder, path)
    try {
      const { sha256 } = await parts.assets.describe(whole)
      if (!(await isUnchanged())) return 'again'
      const before = taken.get(sha256)
      if (before) {
        tellKnown(path, before)
        return 'taken'
      }
      const row = await taker.rowOf(folder, path, { sha256, input: () => parts.assets.adopt(whole) })
      if (!(await isUnchanged())) return 'again'
      taken.set(sha256, { index: batches.append(id, row), path })
      onNews({ event: 'taken', file: path })
      work()
    } catch (error) {
      // Locked by whoever writes it, or gone; what cannot be read for good is told of once.
      if (!(await isUnchanged())) return 'again'
      onNews({ event: 'unreadable', file: path, why: messageOf(error) })
    }
    return 'taken'
  }

  function tellKnown(file: string, { index, path }: { index: number; path: string }): void {
    const [row] = parts.store().rows(id, { offset: index, limit: 1 })
    onNews({ event: 'known', file, sameAs: path, state: row?.state ?? 'done' })
  }

  /** Runs what waits, until nothing does. */
  function work(): void {
    if (working || isStopping) return
    working = batches.start(id).finally(() => {
      working = undefined
      const { state, waiting } = batches.summary(id)
      if (isStopping) return
      if (state === 'paused') isStill.tell()
      // One may have come while the last was put away.
      else if (waiting > 0) work()
      look()
    })
  }

  /** Those who wait for everything to be done. */
  const idlers = new Set<() => void>()
  const isIdle = () => !working && (isStopping || files?.waiting() === 0)
  function look(): void {
    if (!isIdle()) return
    for (const tell of idlers) tell()
    idlers.clear()
  }

  return {
    id,
    plan,

    /** Takes up what is left of the last time and begins to watch. `retryFailed`: what failed is run again. Throws for an unusable folder. */
    async start({
      retryFailed,
    }: {
      retryFailed: boolean
    }): Promise<{ isNew: boolean; left: number; failed: number }> {
      const { title, prompt, workflow, mapping, name, parallel, capCoins } = wish
      const { isNew } = batches.open({
        ...{ id, title, prompt, mapping, name, parallel, watched: folder, columns: watchColumns },
        ...(workflow !== undefined && { workflow }),
        ...(capCoins !== undefined && { capCoins }),
      })
      for (const row of batches.rows(id, { offset: 0, limit: Number.MAX_SAFE_INTEGER })) {
        taken.set(row.values.sha256 ?? '', { index: row.index, path: row.values.path ?? '' })
      }
      const failed = batches.summary(id).failed
      if (retryFailed) batches.retry(id)
      const { waiting, running } = batches.summary(id)
      try {
        await readdir(folder)
        files = watchSteadyFiles({
          folder,
          isRecursive: wish.isRecursive,
          accepts: path => taker.accepts(path) && !results.has(path),
          leaveOut: parts.ownFolders.filter(own => own !== folder),
          takesExisting: wish.takesExisting,
          settleMs: wish.settleMs,
          clock: parts.clock,
          onFile: take,
          onRest: look,
          onTrouble: why => onNews({ event: 'trouble', why }),
        })
      } catch (cause) {
        throw new BridgeError(`The folder "${wish.folder}" cannot be watched.`, {
          code: 'folder',
          hint: 'Check its name and its rights.',
          cause,
        })
      }
      if (waiting + running > 0) work()
      await files.started
      return { isNew, left: waiting + running, failed: retryFailed ? 0 : failed }
    },

    /** Resolves when nothing more is run: stopped, the cap is reached, or the cloud cannot be. */
    still: isStill.told,

    /** Resolves when every file there is has been taken and run, or nothing more can be. */
    idle: (): Promise<void> =>
      new Promise(done => {
        idlers.add(done)
        look()
      }),

    summary: () => batches.summary(id),
    rows: (page: Parameters<BatchStore['rows']>[1]) => batches.rows(id, page),

    /** Tasks under way are left to go on, and taken up at the next start. */
    async stop(why: string): Promise<void> {
      isStopping = true
      await files?.close()
      if (files) await batches.pause(id, why)
      await working
      await batches.close()
      isStill.tell()
      look()
    },
  }
}

const inputOf = ({ nodeId, input }: { nodeId: string; input: string }) => `${nodeId}.${input}`

function createSignal(): { tell: () => void; told: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { tell: resolve, told: promise }
}

/** The same folder, graph and names are the same watch, however fast and dear it may be. */
function idOf({ prompt, mapping, name }: WatchWish, folder: string): string {
  return `watch-${hash('sha256', writeJson([folder, prompt, mapping, name])).slice(0, 16)}`
}
