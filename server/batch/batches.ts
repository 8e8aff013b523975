import { hash } from 'node:crypto'
import type { CheckedPrompt } from '../executor/index.ts'
import { HandOverError, InterruptedError } from '../shared/abort.ts'
import type { Clock } from '../shared/clock.ts'
import { BridgeError } from '../shared/errors.ts'
import { writeJson } from '../shared/lossless-json.ts'
import { type BoundMapping, bindMapping } from './bind.ts'
import { createLanes } from './lanes.ts'
import { createRowProblems, type RowProblem } from './row-problems.ts'
import { atTheEnd, type BatchHouse, createRowRunner, promptOf } from './run-rows.ts'
import { summarise } from './summary.ts'
import type { Batch, BatchRow, BatchStore, BatchSummary, BatchWish, OpenBatchWish, RowEnd } from './types.ts'

export type Batches = ReturnType<typeof createBatches>

/** What a batch would do, and what is wrong with its rows. */
export type BatchPlan = {
  readonly id: string
  /** The first row that would run. */
  readonly checked: CheckedPrompt
  readonly mapping: BoundMapping
  readonly checkedRows: number
  readonly problems: readonly RowProblem[]
}

/** A plan looks at no more rows than these: it is waited for. */
const mostCheckedRows = 5000

/**
 * Graphs over tables: rows side by side, each a run of its own under an id that never changes, so that whatever a crash leaves is taken
 * up and nothing is paid twice. The same wish is the same batch: asked for again, it goes on.
 */
export function createBatches(options: {
  readonly house: BatchHouse
  readonly store: () => BatchStore
  readonly clock: Clock
  /** Something of a batch changed. */
  readonly onNews?: (summary: BatchSummary) => void
  /** A row is over, or waits again for a higher cap. */
  readonly onRow?: (id: string, index: number, end: RowEnd) => void
  /** Everything is done, or the batch stopped by itself: not at a person's word or the program's end. */
  readonly onEnd?: (summary: BatchSummary) => void
  /** Where somebody may unlock the keys: rows wait for it. Without it the batch stops. */
  readonly untilUnlocked?: (signal: AbortSignal) => Promise<void>
  /** Whether this program runs the rows of watched folders. */
  readonly runsWatched?: boolean
}) {
  const { house, clock } = options
  const running = new Map<string, { stop: AbortController; ended: Promise<void>; more: () => void }>()

  const find = (id: string): Batch => {
    const batch = options.store().find(id)
    if (batch) return batch
    throw new BridgeError('There is no such batch.', { code: 'bad-batch', hint: 'See the list of batches.' })
  }
  const summary = (id: string) => summarise(find(id), options.store())
  const tell = (id: string) => options.onNews?.(summary(id))
  const runRows = createRowRunner({ ...options, tell })
  /** Throws for a batch whose results would go to the wrong place. */
  const findOwn = (id: string): Batch => {
    const batch = find(id)
    if (batch.watched === undefined || options.runsWatched) return batch
    throw new BridgeError(`These rows are files of the folder "${batch.watched}".`, {
      code: 'bad-batch',
      hint: 'Run them with "rh-bridge watch", failed ones with --retry-failed.',
    })
  }

  /**
   * Checks everything a batch needs before its first row is paid for; with `all`, what is wrong with the other rows too (the first
   * 5,000 of them). Throws BridgeError with what is wrong when no row would run.
   */
  async function plan(
    wish: BatchWish,
    how: { readonly all?: boolean; readonly signal?: AbortSignal } = {},
  ): Promise<BatchPlan> {
    if (wish.rows.length === 0) throw new BridgeError('The table has no rows.', { code: 'bad-rows' })
    const mapping = bindMapping(wish.mapping, wish.prompt, columnsOf(wish), house.catalogue)
    const id = idOf(wish)
    const found = createRowProblems()
    let checked: CheckedPrompt | undefined
    let checkedRows = 0
    for (const [index, row] of wish.rows.slice(0, mostCheckedRows).entries()) {
      how.signal?.throwIfAborted()
      const cloud = index === 0 ? 'ask' : 'known'
      const one = await house.check(promptOf({ ...wish, id }, mapping, row, index), { cloud })
      checkedRows++
      found.add(index, one.problems)
      if (one.outputs.length > 0) checked ??= one
      if (checked && !how.all) break
      if (found.isFull()) break
    }
    const problems = found.list()
    if (checked) return { id, checked, mapping, checkedRows, problems }
    const [problem] = problems
    throw new BridgeError(
      problem
        ? `Node ${problem.nodeId} (${problem.nodeType}): ${problem.message}`
        : 'Nothing of the graph would run.',
      { code: 'bad-batch', ...(problem?.hint && { hint: problem.hint }) },
    )
  }

  /** Writes the batch down; asked for again, the same batch is found. `isNew` false: it goes on where it was. */
  function add(wish: BatchWish): { id: string; isNew: boolean } {
    const id = idOf(wish)
    const { rows, ...facts } = wish
    const known = options.store().find(id)
    if (known) {
      options.store().change(id, { parallel: wish.parallel, capCoins: wish.capCoins ?? null })
      return { id, isNew: false }
    }
    options.store().add({ ...facts, id, state: 'ready', why: null, createdAt: clock.now() }, rows)
    tell(id)
    return { id, isNew: true }
  }

  /** Writes down a batch that gets its rows one by one, with {@link append}. `isNew` false: it goes on where it was. */
  function open(wish: OpenBatchWish): { isNew: boolean } {
    const { id, columns, ...facts } = wish
    if (options.store().find(id)) {
      options.store().change(id, { parallel: wish.parallel, capCoins: wish.capCoins ?? null })
      return { isNew: false }
    }
    options.store().add({ ...facts, id, state: 'ready', why: null, createdAt: clock.now() }, [], columns)
    return { isNew: true }
  }

  /** One more row, run at once when there is room. Answers its index. */
  function append(id: string, row: BatchRow['values']): number {
    const index = options.store().append(findOwn(id).id, row)
    running.get(id)?.more()
    return index
  }

  /** Runs what waits; rows that were in hand at a crash first. Resolves when the batch stands still. */
  function start(id: string): Promise<void> {
    const known = running.get(id)
    if (known) return known.ended
    const store = options.store()
    const batch = findOwn(id)
    store.requeue(id, 'running')
    store.setState(id, 'running', null)
    const stop = new AbortController()
    const mapping = bindMapping(batch.mapping, batch.prompt, store.columns(id), house.catalogue)
    const lanes = createLanes(batch.parallel)
    const ended = runRows(batch, mapping, lanes, stop.signal).finally(() => {
      running.delete(id)
      tell(id)
      const now = options.store().find(id)
      const isOver = now?.state === 'done' || (now?.state === 'paused' && !stop.signal.aborted)
      if (isOver) options.onEnd?.(summary(id))
    })
    running.set(id, { stop, ended, more: lanes.fill })
    tell(id)
    return ended
  }

  return {
    plan,
    add,
    open,
    append,
    start,
    summary,
    list: (): readonly BatchSummary[] =>
      options
        .store()
        .list()
        .map(batch => summarise(batch, options.store())),
    rows: (id: string, page: Parameters<BatchStore['rows']>[1]) => options.store().rows(find(id).id, page),
    columns: (id: string) => options.store().columns(find(id).id),

    /** Rows under way are stopped and their tasks cancelled in the cloud; they wait, and a later start creates them anew. */
    async stop(id: string): Promise<void> {
      find(id)
      const it = running.get(id)
      if (!it) return
      it.stop.abort(new InterruptedError())
      await it.ended
    },

    /** Rows under way are stopped, their tasks left to be taken up again; nothing is lost. Resolves when all stand still. */
    async pause(id: string, why = 'paused'): Promise<void> {
      find(id)
      const it = running.get(id)
      if (!it) return
      it.stop.abort(new HandOverError(why))
      await it.ended
    },

    /** Failed rows wait again. Answers how many. */
    retry(id: string): number {
      const count = options.store().requeue(findOwn(id).id, 'failed')
      if (count > 0 && !running.has(id))
        options.store().setState(id, 'paused', 'failed rows wait to be run again')
      tell(id)
      return count
    },

    change(id: string, facts: { parallel?: number; capCoins?: number | null }): void {
      options.store().change(find(id).id, facts)
      tell(id)
    },

    async remove(id: string): Promise<void> {
      find(id)
      running.get(id)?.stop.abort(new InterruptedError())
      await running.get(id)?.ended
      options.store().remove(id)
    },

    /** At the start of a server: what ran when the last one ended goes on. Answers how many. */
    resume(): number {
      const cut = options
        .store()
        .list()
        .filter(({ state, watched }) => state === 'running' && watched === undefined)
      for (const { id } of cut) void start(id)
      return cut.length
    },

    /** At the end of the process: everything stands still and can be taken up again. */
    async close(): Promise<void> {
      const all = [...running.values()]
      for (const { stop } of all) stop.abort(atTheEnd)
      await Promise.all(all.map(({ ended }) => ended))
    },
  }
}

function columnsOf({ rows }: Pick<BatchWish, 'rows'>): readonly string[] {
  return [...new Set(rows.flatMap(row => Object.keys(row)))]
}

/** What the batch is, apart from how fast and how dear it may be. */
function idOf({ title, prompt, rows, mapping, name }: BatchWish): string {
  return `batch-${hash('sha256', writeJson([title, prompt, rows, mapping, name])).slice(0, 16)}`
}
