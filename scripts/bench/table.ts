/** One line of the report. `goal` and `measured` are in `unit`; a line without a goal stands for comparison. */
export type Row = {
  readonly what: string
  readonly measured: number
  readonly goal?: number
  readonly unit: string
  readonly note?: string
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

export function printTable(title: string, rows: readonly Row[]): void {
  const lines = rows.map(({ what, measured, goal, unit, note }) => ({
    what,
    goal: goal === undefined ? '' : `${goal} ${unit}`,
    measured: `${measured < 10 && !Number.isInteger(measured) ? measured.toFixed(1) : Math.round(measured)} ${unit}`,
    verdict: goal === undefined ? '' : measured <= goal ? 'met' : 'MISSED',
    note: note ?? '',
  }))
  const head = { what: '', goal: 'goal', measured: 'measured', verdict: '', note: '' }
  const width = (key: keyof typeof head) => Math.max(...[head, ...lines].map(line => line[key].length))
  const [what, goal, measured, verdict] = [width('what'), width('goal'), width('measured'), width('verdict')]
  console.log(title)
  for (const line of [head, ...lines]) {
    const cells = [
      line.what.padEnd(what),
      line.goal.padStart(goal),
      line.measured.padStart(measured),
      line.verdict.padEnd(verdict),
      line.note,
    ]
    console.log(`  ${cells.join('  ').trimEnd()}`)
  }
  console.log()
}
