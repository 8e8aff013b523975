/**
 * Thousands of graphs of paid tasks, each on a bad day of its own (test/adverse): `node scripts/seeded-runs.ts [--count 10000] [--from 1]`, and
 * `--seed N` plays one and tells its story. Ends with 1 when a promise was broken.
 */
import { parseArgs } from 'node:util'
import { type Outcome, playSeed } from '../test/adverse/seeded-run.ts'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '10000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
  },
})
// Killed processes leave files open until they are collected as garbage; that is said once for each.
process.removeAllListeners('warning')

process.exitCode =
  values.seed === undefined
    ? await playMany(Number(values.from), Number(values.count))
    : tellOne(await playSeed(Number(values.seed)))
// Sockets of killed processes still wait for an answer to their closing.
process.exit()

async function playMany(from: number, count: number): Promise<number> {
  const startedAt = performance.now()
  const sums = { seeds: 0, tasks: 0, kills: 0, requests: 0 }
  const ends = new Map<string, number>()
  let longestMs = 0
  let broken = 0
  for (let seed = from; seed < from + count; seed++) {
    const outcome = await playSeed(seed)
    sums.seeds++
    sums.tasks += outcome.tasks
    sums.kills += outcome.kills
    sums.requests += outcome.requests
    longestMs = Math.max(longestMs, outcome.fakeMs)
    for (const end of outcome.ends) ends.set(end, (ends.get(end) ?? 0) + 1)
    if (outcome.wrong.length > 0) {
      broken++
      console.log(`seed ${seed} (node scripts/seeded-runs.ts --seed ${seed})`)
      for (const line of outcome.wrong) console.log(`  ${line}`)
    }
    if (sums.seeds % 500 === 0) console.log(`${sums.seeds} seeds, ${broken} with a broken promise`)
  }
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0)
  console.log(
    `${sums.seeds} seeds in ${seconds} s: ${sums.tasks} tasks, ${sums.requests} calls, ${sums.kills} kills; ` +
      `the longest took ${(longestMs / 3_600_000).toFixed(1)} h of its own time; ${broken} broke a promise`,
  )
  const counts = [...ends].sort((a, b) => b[1] - a[1]).map(([end, count]) => `${count} ${end}`)
  console.log(counts.join(', '))
  return broken > 0 ? 1 : 0
}

function tellOne({ plan, story, wrong }: Outcome): number {
  for (const piece of plan.pieces) console.log(JSON.stringify(piece))
  for (const fault of plan.faults) console.log(JSON.stringify(fault))
  console.log(JSON.stringify({ ...plan, pieces: undefined, faults: undefined, prompt: undefined }))
  for (const line of story) console.log(line)
  console.log(wrong.length > 0 ? `BROKEN:\n  ${wrong.join('\n  ')}` : 'as promised')
  return wrong.length > 0 ? 1 : 0
}
