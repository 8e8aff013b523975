import type { Catalogue, CheckedPrompt, RunEvent, RunResult } from '../executor/index.ts'
import { HandOverError, InterruptedError } from '../shared/abort.ts'
import type { Clock } from '../shared/clock.ts'
import { BridgeError, messageOf } from '../shared/errors.ts'
import type { Prompt } from '../shared/prompt.ts'
import { type BoundMapping, bindRow, fitForFile, nameOfRow } from './bind.ts'
import type { createLanes } from './lanes.ts'
import { type Attempt, nothing, toEnd } from './row-end.ts'
import { runIdOf, runsOf } from './run-ids.ts'
import type { Batch, BatchRow, BatchStore, RowEnd } from './types.ts'

/** The house as batches need it. */
export type BatchHouse = {
  readonly catalogue: Pick<Catalogue, 'find'>
  check(prompt: Prompt, how: { cloud: 'ask' | 'known' | 'off' }): Promise<CheckedPrompt>
  run(request: {
    readonly checked: CheckedPrompt
    readonly runId: string
    readonly workflow?: unknown
    readonly keys: ReadonlyMap<string, string>
    readonly signal: AbortSignal
    readonly onEvent: (event: RunEvent) => void
    readonly spending: { readonly group: { id: string; coins?: number } }
  }): Promise<RunResult>
  /** Waits for what goes on after a stop: telling the cloud. */
  idle(): Promise<void>
  /** The tasks a run created, and what each has cost so far. */
  reportTasks(runId: string, others: readonly string[]): readonly { readonly coins: string | null }[]
}

/** The same row that fails this often in a row for want of a network or a server stops the batch instead of failing it whole. */
const maxTroubles = 5

/** The reason when the program ends: that is no pause, the next start goes on. */
export const atTheEnd = new HandOverError('the program ended')

const stopped = { code: 'stopped', message: 'stopped', hint: null }

/** Runs the rows of a batch side by side, each a run of its own, and writes down what becomes of them. */
export function createRowRunner(options: {
  readonly house: BatchHouse
  readonly store: () => BatchStore
  readonly clock: Clock
  readonly tell: (id: string) => void
  readonly onRow?: ((id: string, index: number, end: RowEnd) => void) | undefined
  readonly untilUnlocked?: ((signal: AbortSignal) => Promise<void>) | undefined
}) {
  const { house, clock, tell } = options

  /** Resolves when the batch stands still; its state says why. */
  async function runRows(
    batch: Batch,
    mapping: BoundMapping,
    lanes: ReturnType<typeof createLanes>,
    signal: AbortSignal,
  ): Promise<void> {
    const store = options.store()
    const halt = new AbortController()
    let why: string | undefined
    let troubles = 0
    const stopAll = (reason: string) => {
      why ??= reason
      halt.abort()
    }
    const end = ({ index, runId }: BatchRow, how: Attempt) => {
      // A task that is taken up or shared counts once, with the run that created it.
      const tasks = runsOf(batch.id, index, runId).flatMap(id => house.reportTasks(id, []))
      const coins = tasks.reduce((sum, task) => sum + Number(task.coins ?? 0), 0)
      const row: RowEnd = { ...how, coins }
      store.endRow(batch.id, index, row, clock.now())
      options.onRow?.(batch.id, index, row)
    }
    const lane = async () => {
      while (!signal.aborted && !halt.signal.aborted) {
        const row = store.takeRow(batch.id, (index, last) => runIdOf(batch.id, index, last), clock.now())
        if (!row) return
        tell(batch.id)
        const how = await runRow(batch, mapping, row, signal)
        if (how === 'again') {
          const error = signal.reason instanceof InterruptedError ? stopped : null
          end(row, { ...nothing, state: 'waiting', error })
          return
        }
        if (how.error?.code === 'cap-reached') {
          // Not the row's fault: it waits for a higher cap.
          end(row, { ...how, state: 'waiting', error: null })
          stopAll(how.error.message)
          return
        }
        if (how.error?.code === 'keys-locked') {
          end(row, { ...how, state: 'waiting', error: null })
          if (!options.untilUnlocked) {
            stopAll(how.error.message)
            return
          }
          store.setState(batch.id, 'running', how.error.message)
          tell(batch.id)
          // Stopped meanwhile: the loop ends.
          await options.untilUnlocked(signal).catch(() => {})
          if (!signal.aborted) store.setState(batch.id, 'running', null)
          continue
        }
        troubles = how.state === 'failed' && isOutside(how.error?.code) ? troubles + 1 : 0
        end(row, how)
        if (troubles >= maxTroubles) stopAll(`${troubles} rows in a row failed: ${how.error?.message}`)
        tell(batch.id)
      }
    }
    await lanes.run(lane)
    // Who goes on at once must not find tasks that are only being cancelled.
    if (signal.reason instanceof InterruptedError) await house.idle()
    // The program's end is no pause: the next start goes on.
    if (signal.reason === atTheEnd) return
    if (signal.aborted) store.setState(batch.id, 'paused', messageOf(signal.reason))
    else if (why !== undefined) store.setState(batch.id, 'paused', why)
    else store.setState(batch.id, 'done', null)
  }

  async function runRow(
    batch: Batch,
    mapping: BoundMapping,
    row: BatchRow,
    signal: AbortSignal,
  ): Promise<Attempt | 'again'> {
    try {
      const prompt = promptOf(batch, mapping, row.values, row.index)
      const checked = await house.check(prompt, { cloud: 'known' })
      const coins = batch.capCoins
      const result = await house.run({
        checked,
        runId: row.runId ?? batch.id,
        workflow: batch.workflow,
        keys: new Map(),
        signal,
        onEvent() {},
        spending: { group: { id: batch.id, ...(coins !== undefined && { coins }) } },
      })
      return result.status === 'interrupted' ? 'again' : toEnd(checked, result)
    } catch (error) {
      if (signal.aborted) return 'again'
      const { code = 'unexpected', hint = null } = error instanceof BridgeError ? error : {}
      return { ...nothing, state: 'failed', error: { code, message: messageOf(error), hint } }
    }
  }

  return runRows
}

/** Not this row's fault: the next would fail the same way. */
function isOutside(code: string | undefined): boolean {
  return code !== undefined && /^(cloud-unreachable|cloud-802|cloud-416|cloud-812|no-key|disk)$/.test(code)
}

/** The prompt of a row. */
export function promptOf(
  batch: Pick<Batch, 'id' | 'title' | 'prompt' | 'name' | 'watched'>,
  mapping: BoundMapping,
  row: BatchRow['values'],
  index: number,
): Prompt {
  const folder = batch.watched === undefined ? fitForFile(batch.title) || batch.id : (row.folder ?? '')
  return bindRow(batch.prompt, mapping, row, { folder, name: nameOfRow(batch.name, row, index) })
}
