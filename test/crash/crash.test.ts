import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSandbox, type Sandbox } from '../../server/sandbox/index.ts'
import { chain, createCrashHarness, outcome, post, startServer } from './harness.ts'

const points = 42
/** Most of a run is waiting, so several go side by side on two cores. */
const sideBySide = 6

let sandbox: Sandbox
let folder: string
beforeAll(async () => {
  sandbox = await createSandbox({ speed: 100 })
  folder = await mkdtemp(join(tmpdir(), 'rh-crash-'))
})
afterAll(async () => {
  await sandbox.close()
  await rm(folder, { recursive: true, force: true })
})

test('a chain of three paid tasks survives a kill at any step: three creates, every result, nobody asked', async () => {
  const { crashOnce } = createCrashHarness(sandbox, folder)
  const whole = await crashOnce('count', 0)
  expect(whole).toMatchObject({ status: 'success', files: 1, creates: 3 })
  const total = Number.parseInt(whole.killedAt, 10)
  expect(total).toBeGreaterThan(points)

  const all = Array.from(
    { length: points },
    (_, index) => 1 + Math.floor((index * (total - 1)) / (points - 1)),
  )
  const wrong: unknown[] = []
  const left = [...all.entries()]
  const worker = async () => {
    for (let next = left.shift(); next; next = left.shift()) {
      const [index, crashAt] = next
      const result = await crashOnce(`p${index}-${crashAt}`, crashAt)
      const isWhole = result.status === 'success' && result.files === 1 && result.creates === 3
      if (!isWhole) wrong.push({ crashAt, ...result })
    }
  }
  await Promise.all(Array.from({ length: sideBySide }, worker))
  expect(wrong).toEqual([])
}, 240_000)

test('killed between a create and its answer, it asks instead of paying twice, and follows the task it is told', async () => {
  const dataDir = join(folder, 'in-create')
  const prompt = chain(sandbox.url, 'in-create', 'not-a-real-key-of-a-crash-te9999')
  const creates = () => sandbox.tasks().filter(task => task.keyLastFour === '9999')
  const first = await startServer(dataDir, 0, join(folder, 'in-create.count'), { CRASH_IN_CREATE: '1' })
  if (!first) throw new Error('the server does not start')
  await post(`${first.url}/prompt`, { prompt, prompt_id: 'in-create' })
  await first.exited
  expect(creates()).toHaveLength(1)

  const second = await startServer(dataDir, 0, join(folder, 'in-create.count-2'))
  if (!second) throw new Error('the server does not start again')
  type Unknown = { unknown: { seq: number; nodeId: string }[] }
  let open: Unknown['unknown'] = []
  while (open.length === 0)
    open = ((await (await fetch(`${second.url}/bridge/unknown`)).json()) as Unknown).unknown
  expect(open).toMatchObject([{ nodeId: '11' }])
  expect(creates()).toHaveLength(1)

  const taskId = creates()[0]?.taskId
  const answer = await post(`${second.url}/bridge/unknown/${open[0]?.seq}`, { choice: 'adopt', taskId })
  expect(answer.status).toBe(200)
  const entry = await outcome(second, 'in-create')
  expect(entry?.status.status_str).toBe('success')
  expect(creates()).toHaveLength(3)
  second.stop()
  await second.exited
}, 60_000)
