import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSandbox, type Sandbox } from '../../server/sandbox/index.ts'
import { createCrashHarness } from './harness.ts'

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
  for (const [index, crashAt] of all.entries()) {
    const result = await crashOnce(`p${index}-${crashAt}`, crashAt)
    if (result.status !== 'success' || result.files !== 1 || result.creates !== 3)
      wrong.push({ crashAt, ...result })
  }
  expect(wrong).toEqual([])
}, 240_000)
