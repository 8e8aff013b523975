import { type CostRow, type Estimate, moneyOf, type Range, type Target, total } from './spending.ts'

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
  readonly source: { readonly kind: 'runs'; readonly count: number } | { readonly kind: 'unknown' }
}

/** Adds up what the tasks of a graph will cost. One target nobody knows makes the sum unknown: half a price misleads. */
export function estimateGraph(
  { targets, unknown }: { readonly targets: readonly Target[]; readonly unknown: number },
  estimate: (target: Target) => Estimate,
): GraphEstimate {
  const tasks = targets.length + unknown
  const known = targets.map(estimate)
  const counts = known.map(one => one.count)
  if (unknown > 0 || counts.includes(0)) {
    return { tasks, coins: null, money: null, seconds: null, source: { kind: 'unknown' } }
  }
  const sum = (of: (one: Estimate) => Range | null): Range | null => {
    const ranges = known.flatMap(one => of(one) ?? [])
    if (ranges.length === 0) return null
    return {
      low: total(ranges.map(({ low }) => String(low))),
      high: total(ranges.map(({ high }) => String(high))),
    }
  }
  return {
    tasks,
    coins: sum(one => one.coins),
    money: sum(one => one.money),
    seconds: sum(one => one.seconds),
    source: { kind: 'runs', count: counts.length === 0 ? 0 : Math.min(...counts) },
  }
}
