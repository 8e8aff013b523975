import type { PreviewedPrice } from './price-preview.ts'
import { type CostRow, type Estimate, moneyOf, type Range, total } from './spending.ts'

export type CostsBy = 'run' | 'day' | 'target' | 'key'

/** Sums of tasks that belong together. Amounts are exact to a millionth; `seconds` is run time in the cloud. */
export type CostSum = {
  /** The run's id, the day as `2026-11-20`, the key's name, or `workflow 1904…`. */
  readonly name: string
  readonly tasks: number
  readonly coins: number
  readonly money: number
  readonly seconds: number
  /** Of the newest task. */
  readonly lastAt: number
}

/** Costs added up, newest first. */
export function sumCosts(rows: readonly CostRow[], by: CostsBy): readonly CostSum[] {
  const groups = new Map<string, CostRow[]>()
  for (const row of rows) {
    const name = nameOf(row, by)
    const group = groups.get(name)
    if (group) group.push(row)
    else groups.set(name, [row])
  }
  return [...groups].map(([name, group]) => ({
    name,
    tasks: group.length,
    coins: total(group.map(row => row.coins)),
    money: total(group.map(moneyOf)),
    seconds: total(group.map(row => row.seconds)),
    lastAt: Math.max(...group.map(row => row.at)),
  }))
}

function nameOf(row: CostRow, by: CostsBy): string {
  if (by === 'run') return row.runId
  if (by === 'key') return row.keyName
  if (by === 'target') return `${row.kind} ${row.targetId}`
  const day = new Date(row.at)
  const two = (part: number) => String(part).padStart(2, '0')
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`
}

/** One line a task, for spreadsheets; ids stand in quotes with a tab so that they keep their digits there. */
export function costsAsCsv(rows: readonly CostRow[]): string {
  const head = 'time,run,node,site,key,kind,target,task,coins,money,third-party money,seconds'
  const lines = rows.map(row =>
    [
      new Date(row.at).toISOString(),
      ...[row.runId, row.nodeId, row.site, row.keyName, row.kind, asText(row.targetId), asText(row.taskId)],
      ...[row.coins, row.money, row.thirdPartyMoney, row.seconds],
    ]
      .map(cell)
      .join(','),
  )
  return `${[head, ...lines].join('\r\n')}\r\n`
}

const asText = (id: string) => `\t${id}`

function cell(value: string | null): string {
  // A leading sign would be a formula to a spreadsheet.
  const text = value === null ? '' : /^[=+\-@]/.test(value) ? `'${value}` : value
  return /[",\r\n\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** What a whole graph will cost, and where the figure comes from. Null where nothing is known. */
export type GraphEstimate = {
  readonly tasks: number
  readonly coins: Range | null
  readonly money: Range | null
  readonly seconds: Range | null
  /** Of the money, where that is known. */
  readonly currency: string | null
  readonly source: EstimateSource
}

/** `runs`: by at least so many earlier tasks of each. `preview`: as the site foretells it. `mixed`: some by the one, some by the other. */
type EstimateSource =
  | { readonly kind: 'runs' | 'mixed'; readonly count: number }
  | { readonly kind: 'preview' }
  | { readonly kind: 'unknown' }

/** What one task will cost. A price the site foretells goes before what earlier tasks cost, which still tell the time. */
export type TaskEstimate = Estimate & { readonly previewed?: PreviewedPrice }

/** Adds up what the tasks of a graph will cost. One nobody knows makes the sum unknown: half a price misleads. */
export function estimateGraph(known: readonly TaskEstimate[], unknown: number): GraphEstimate {
  const tasks = known.length + unknown
  const counts = known.filter(one => !one.previewed).map(one => one.count)
  const currencies = new Set(known.flatMap(one => one.previewed?.currency ?? []))
  if (unknown > 0 || counts.includes(0) || currencies.size > 1) {
    const none = { coins: null, money: null, seconds: null, currency: null }
    return { tasks, ...none, source: { kind: 'unknown' } }
  }
  const sum = (of: (one: TaskEstimate) => Range | null): Range | null => {
    const ranges = known.flatMap(one => of(one) ?? [])
    if (ranges.length === 0) return null
    return {
      low: total(ranges.map(({ low }) => String(low))),
      high: total(ranges.map(({ high }) => String(high))),
    }
  }
  const [currency = null] = currencies
  const count = Math.min(...counts)
  const areSomePreviewed = counts.length < known.length
  return {
    tasks,
    coins: sum(one => (one.previewed ? null : one.coins)),
    money: sum(({ previewed, money }) =>
      previewed ? { low: previewed.amount, high: previewed.amount } : money,
    ),
    // A time for some of them would be told as the time for all.
    seconds: known.every(one => one.seconds) ? sum(one => one.seconds) : null,
    currency,
    source: !areSomePreviewed
      ? { kind: 'runs', count: counts.length === 0 ? 0 : count }
      : counts.length === 0
        ? { kind: 'preview' }
        : { kind: 'mixed', count },
  }
}
