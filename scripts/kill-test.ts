/**
 * Servers killed at random moments while they run chains of three paid tasks: in the middle of it, while starting, and several times in a row.
 * `node scripts/kill-test.ts [--kills 1000] [--seed 1] [--side-by-side 4]`. Ends with 1 when a task was created twice or a result was lost.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createSandbox } from '../server/sandbox/index.ts'
import { createRandom, type Random } from '../server/sandbox/random.ts'
import { type Chain, createChain, type Entry, post, type Server, startServer } from '../test/crash/harness.ts'
import { tinyRender } from '../test/support/tiny-render.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    'side-by-side': { type: 'string', default: '4' },
  },
})
const wanted = Number(values.kills)
const sandbox = await createSandbox({ speed: 20, render: tinyRender })
const folder = await mkdtemp(join(tmpdir(), 'rh-kill-'))
const sums = { kills: 0, whileStarting: 0, chains: 0, asked: 0, creates: 0, duplicates: 0, lost: 0 }
const startedAt = performance.now()

const workers = Array.from({ length: Number(values['side-by-side']) }, (_, number) => work(number))
const report = setInterval(() => console.log(line()), 60_000)
await Promise.all(workers)
clearInterval(report)
await sandbox.close()
await rm(folder, { recursive: true, force: true })
console.log(line())
process.exitCode = sums.duplicates + sums.lost > 0 ? 1 : 0

function line(): string {
  const { kills, whileStarting, chains, asked, creates, duplicates, lost } = sums
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0)
  return `${seconds} s: ${kills} kills (${whileStarting} while starting), ${chains} chains, ${creates} creates, ${duplicates} duplicates, ${lost} lost, ${asked} questions answered`
}

/** Chain after chain on one data folder, each killed some times before it may end. */
async function work(number: number): Promise<void> {
  const random = createRandom(Number(values.seed) * 1000 + number)
  const dataDir = join(folder, String(number))
  while (sums.kills < wanted) {
    const chain = createChain(sandbox)
    for (let left = random.between(1, 6); left > 0 && sums.kills < wanted; left--)
      await killOnce(chain, dataDir, random)
    const server = await startServer(dataDir).ready
    if (!server) throw new Error(`a server does not start in ${dataDir}`)
    await chain.send(server)
    const entry = await toEnd(server, chain)
    server.kill()
    await server.exited
    judge(chain, entry)
  }
}

async function killOnce(chain: Chain, dataDir: string, random: Random): Promise<void> {
  const starting = startServer(dataDir)
  sums.kills++
  if (random.next() < 0.2) {
    // Reading its modules, opening the database, taking up what was left.
    sums.whileStarting++
    await sleep(random.between(50, 1_200))
    starting.kill()
    await (await starting.ready)?.exited
    return
  }
  const server = await starting.ready
  if (!server) throw new Error(`a server does not start in ${dataDir}`)
  await chain.send(server)
  const until = performance.now() + random.between(0, 5_000)
  while (performance.now() < until) {
    await answer(server, chain)
    await sleep(Math.min(100, until - performance.now()))
  }
  server.kill()
  await server.exited
}

/** A person who looks at the site's task list, and says which task the lost create came to. */
async function answer(server: Server, chain: Chain): Promise<void> {
  const open = (await fetch(`${server.url}/bridge/unknown`)
    .then(reply => reply.json())
    .catch(() => ({ unknown: [] }))) as { unknown: { seq: number }[] }
  for (const { seq } of open.unknown) {
    const known = await fetch(`${server.url}/bridge/runs/${chain.id}`)
      .then(reply => reply.text())
      .catch(() => undefined)
    if (known === undefined) return
    const found = chain.creates().find(task => !known.includes(task.taskId))
    sums.asked++
    const decision = found ? { choice: 'adopt', taskId: found.taskId } : { choice: 'resubmit' }
    await post(`${server.url}/bridge/unknown/${seq}`, decision).catch(() => {})
  }
}

async function toEnd(server: Server, chain: Chain): Promise<Entry | undefined> {
  const until = performance.now() + 120_000
  while (performance.now() < until) {
    const entry = await chain.entry(server)
    if (entry) return entry
    await answer(server, chain)
    await sleep(50)
  }
  return undefined
}

function judge(chain: Chain, entry: Entry | undefined): void {
  const creates = chain.creates()
  sums.chains++
  sums.creates += creates.length
  sums.duplicates += Math.max(0, creates.length - 3)
  const isWhole = entry?.status.status_str === 'success' && entry.outputs['40']?.images?.length === 1
  if (!isWhole) sums.lost++
  if (!isWhole || creates.length !== 3) console.log(`${chain.id}: ${JSON.stringify({ creates, entry })}`)
}

function sleep(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, Math.max(0, ms)))
}
