import type { Clock } from '../shared/clock.ts'
import { BridgeError } from '../shared/errors.ts'

/** What one finished task cost. Amounts are decimal texts as RunningHub gave them, null where it gave none. */
export type CostRow = Target & {
  readonly taskId: string
  readonly runId: string
  readonly nodeId: string
  readonly keyName: string
  /** Runs that share a cap: a batch, an assistant's connection. */
  readonly group: string | null
  /** Milliseconds since 1970. */
  readonly at: number
  readonly coins: string | null
  readonly money: string | null
  readonly thirdPartyMoney: string | null
  readonly seconds: string | null
}

/** What is paid for; `site` an address or `sandbox`. */
export type Target = { readonly site: string; readonly kind: string; readonly targetId: string }

export type SpendingScope =
  | { readonly runId: string }
  | { readonly group: string }
  /** Everything since then, the sandbox's make-believe apart from what is real. */
  | { readonly since: number; readonly isSandbox: boolean }

export type SpendingStore = {
  /** The last tasks of a target, newest first. */
  recent(target: Target, limit: number): readonly CostRow[]
  /** Sums, exact to a millionth; money with third-party models. */
  spent(scope: SpendingScope): { readonly coins: number; readonly money: number }
  /** Tasks whose cost is not known yet. Doubtful: its create got no answer, and nobody may ever say what it cost. */
  inFlight(scope: SpendingScope, now: number): readonly (Target & { readonly isDoubtful: boolean })[]
  /** Newest first; times in milliseconds since 1970, `to` excluded. */
  list(range: { from: number; to: number }): readonly CostRow[]
}

/** 0 or undefined: no cap. */
export type Caps = {
  readonly coinsPerRun?: number
  readonly coinsPerDay?: number
  readonly moneyPerDay?: number
  readonly group?: { readonly id: string; readonly coins?: number }
}

export type Range = { readonly low: number; readonly high: number }

/** What a task will cost, as far as earlier ones tell. */
export type Estimate = {
  readonly coins: Range | null
  readonly money: Range | null
  readonly seconds: Range | null
  /** Of how many earlier tasks; 0: nothing is known. */
  readonly count: number
}

export type Spending = {
  /**
   * Waits until a create stays within the caps, at most one task in flight over them, and calls `insert` in the same moment. Throws
   * `cap-reached`; nothing has been created then.
   */
  admit(
    task: Target & { readonly runId: string; readonly isSandbox: boolean },
    caps: Caps,
    how: { signal: AbortSignal; onWait: (why: string) => void; insert: () => void },
  ): Promise<void>
  estimate(target: Target): Estimate
}

const estimateFrom = 12
const lookAgainMs = 400
/** Tasks vary: what is held back for one under way is more than any like it has cost. */
const reserve = 1.5

export function createSpending(options: { store: SpendingStore; clock: Clock }): Spending {
  const { store, clock } = options

  function estimate(target: Target): Estimate {
    const rows = store.recent(target, estimateFrom)
    return {
      coins: rangeOf(rows.map(row => row.coins)),
      money: rangeOf(rows.map(moneyOf)),
      seconds: rangeOf(rows.map(row => row.seconds)),
      count: rows.length,
    }
  }

  /** What is held back for a task of that kind; without a limit while nothing is known of it. */
  function held(estimated: Estimate, unit: 'coins' | 'money'): number {
    const { [unit]: range, count } = estimated
    if (range) return range.high * reserve
    // Known to cost nothing in this unit, or not known at all.
    return count > 0 ? 0 : Number.POSITIVE_INFINITY
  }

  function look(task: Parameters<Spending['admit']>[0], caps: Caps): 'go' | Waiting {
    const { runId, isSandbox } = task
    const today = { since: startOfDay(clock.now()), isSandbox }
    // Of many tasks under way most are alike.
    const known = new Map<string, Estimate>()
    const estimateOf = (target: Target) => {
      const name = `${target.site} ${target.kind} ${target.targetId}`
      const found = known.get(name) ?? estimate(target)
      known.set(name, found)
      return found
    }
    const checks: readonly (readonly [SpendingScope, number | undefined, 'coins' | 'money', string])[] = [
      [{ runId }, caps.coinsPerRun, 'coins', 'this run'],
      [{ group: caps.group?.id ?? '' }, caps.group?.coins, 'coins', 'this batch'],
      [today, caps.coinsPerDay, 'coins', 'today'],
      [today, caps.moneyPerDay, 'money', 'today'],
    ]
    let waiting: Waiting | undefined
    for (const [scope, cap, unit, what] of checks) {
      if (cap === undefined || cap <= 0) continue
      const { [unit]: spent } = store.spent(scope)
      const others = store.inFlight(scope, clock.now())
      // What is in doubt is reckoned as if it had been paid: waiting for it would have no end.
      const doubt = total(
        others
          .filter(({ isDoubtful }) => isDoubtful)
          .map(other => String(estimateOf(other)[unit]?.high ?? 0)),
      )
      if (spent + doubt >= cap) throw capReached(cap, { spent, doubt }, unit, what)
      const running = others.filter(({ isDoubtful }) => !isDoubtful)
      if (running.length === 0) continue
      const after = [...running, task].reduce(
        (sum, each) => sum + held(estimateOf(each), unit),
        spent + doubt,
      )
      if (after >= cap) waiting = { why: `running tasks may reach the cap of ${cap} ${unit} for ${what}` }
    }
    return waiting ?? 'go'
  }

  return {
    estimate,
    async admit(task, caps, { signal, onWait, insert }) {
      for (;;) {
        signal.throwIfAborted()
        const verdict = look(task, caps)
        if (verdict === 'go') {
          insert()
          return
        }
        onWait(verdict.why)
        await clock.sleep(lookAgainMs, signal)
      }
    },
  }
}

type Waiting = { readonly why: string }

function capReached(
  cap: number,
  { spent, doubt }: { spent: number; doubt: number },
  unit: 'coins' | 'money',
  what: string,
): BridgeError {
  return new BridgeError(
    doubt > 0
      ? `The cap of ${cap} ${unit} for ${what} is reached: ${spent} spent, and creates without an answer may have cost ${doubt}. Nothing more was created.`
      : `The cap of ${cap} ${unit} for ${what} is reached: ${spent} spent. Nothing more was created.`,
    {
      code: 'cap-reached',
      hint: 'Raise the cap (settings, --cap-coins), or go on another day; tasks that run already are fetched.',
    },
  )
}

/** The sum of decimal texts, exact to a millionth; null counts nothing. */
export function total(amounts: readonly (string | null)[]): number {
  const millionths = amounts.reduce((sum, amount) => sum + Math.round(Number(amount ?? 0) * 1_000_000), 0)
  return millionths / 1_000_000
}

/** Machine time and third-party models together; null when RunningHub told neither. */
export function moneyOf(row: Pick<CostRow, 'money' | 'thirdPartyMoney'>): string | null {
  if (row.money === null && row.thirdPartyMoney === null) return null
  return String(total([row.money, row.thirdPartyMoney]))
}

function rangeOf(amounts: readonly (string | null)[]): Range | null {
  const known = amounts.flatMap(amount => (amount === null ? [] : [Number(amount)])).filter(Number.isFinite)
  return known.length === 0 ? null : { low: Math.min(...known), high: Math.max(...known) }
}

/** Midnight of this machine's clock. */
function startOfDay(now: number): number {
  return new Date(now).setHours(0, 0, 0, 0)
}
