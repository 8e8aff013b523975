import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Prompt } from '../../server/shared/prompt.ts'
import { createDisk, type Disk } from '../support/full-disk.ts'
import { node } from '../support/prompts.ts'
import { openWorld, type World } from './world.ts'

let world: World | undefined
let disk: Disk
beforeAll(async () => {
  disk = await createDisk(() => world?.folder ?? 'nowhere')
})
afterAll(() => disk.restore())

/** Two tasks, the second fed by the picture of the first, and a saved picture. */
const prompt: Prompt = {
  s: node('RH_SettingsNode', { base_url: '', apiKey: '', workflowId_webappId: '1867632304280715265' }),
  i1: node('RH_NodeInfoListNode', { nodeId: 6, fieldName: 'text', fieldValue: 'a full disk' }),
  e1: node('RH_ExecuteNode', { apiConfig: ['s', 0], nodeInfoList: ['i1', 0] }),
  u2: node('RH_ImageUploaderNode', { apiConfig: ['s', 0], image: ['e1', 0] }),
  i2: node('RH_NodeInfoListNode', { nodeId: 19, fieldName: 'image', fieldValue: ['u2', 0] }),
  e2: node('RH_ExecuteNode', { apiConfig: ['s', 0], nodeInfoList: ['i2', 0] }),
  out: node('SaveImage', { images: ['e2', 0], filename_prefix: 'full' }),
}

type Case = { isKilled: boolean }
type Words = { code?: string; message: string; hint?: string }

/** Runs it on a disk that is full from the n-th write on, makes room, and runs it again. What is not as promised. */
async function runFull(
  fullAt: number,
  { isKilled }: Case,
): Promise<{ wrong: string[]; failedAt: string | undefined }> {
  const wrong: string[] = []
  let failedAt: string | undefined
  world = await openWorld()
  const { clock, sandbox, folder } = world
  try {
    clock.schedule(10 * 24 * 3_600_000, () => {})
    const play = async () => {
      if (!world) return
      disk.fillAt(fullAt)
      let first = await world.open().catch((error: unknown) => {
        checkWords(wrong, error as Words)
        return undefined
      })
      if (first) {
        const result = await first.run(prompt, { runId: 'full' }).catch((error: unknown) => {
          checkWords(wrong, error as Words)
          return undefined
        })
        for (const error of result?.errors ?? []) checkWords(wrong, error)
        if (isKilled) first.kill()
        else await first.bridge.idle()
      }
      failedAt = disk.failedAt()
      disk.room()
      if (!first || isKilled) first = await world.open({ onUnknown: 'ask' })
      const { bridge } = first
      // A person who finds the task on the site.
      bridge.decisions.onQuestion(({ record }) => {
        const known = bridge
          .state()
          .journal.ofRun('full')
          .map(({ taskId }) => taskId)
        const taskId = sandbox.tasks().find(task => !known.includes(task.taskId))?.taskId
        clock.schedule(1000, () =>
          bridge.decisions.settle(
            record.seq,
            taskId === undefined ? { choice: 'resubmit' } : { choice: 'adopt', taskId },
          ),
        )
      })
      const again = await first.run(prompt, { runId: 'room' })
      if (again.status !== 'success')
        wrong.push(`with room: ${again.errors.map(({ code, message }) => `${code} ${message}`)}`)
      if (sandbox.tasks().length !== 2) wrong.push(`${sandbox.tasks().length} creates`)
      await first.handOver()
    }
    await clock.run(play(), 24 * 3_600_000)
    const database = new DatabaseSync(join(folder, 'rh-bridge.db'))
    const { integrity_check: check } = database.prepare('PRAGMA integrity_check').get() ?? {}
    if (check !== 'ok') wrong.push(`the database: ${check}`)
    database.close()
  } catch (error) {
    wrong.push(String(error instanceof Error ? error.stack : error))
  } finally {
    disk.room()
    await world.close()
  }
  return { wrong, failedAt }
}

/** Says that it is the disk, and what to do. */
function checkWords(wrong: string[], { code, message, hint = '' }: Words) {
  const isClear =
    /disk|folder/.test(code ?? '') && /ENOSPC|full|written|made/.test(message) && /space|rights/.test(hint)
  if (!isClear) wrong.push(`no clear words: ${code} ${message} / ${hint}`)
}

test.each([
  ['the server goes on', { isKilled: false }],
  ['the server is killed', { isKilled: true }],
] as const)(
  'a disk that is full from any write on, and %s: clear words, nothing lost, nothing paid twice, and on it goes when there is room',
  async (_what, how) => {
    const wrong: Record<string, string[]> = {}
    for (let fullAt = 1; ; fullAt++) {
      const found = await runFull(fullAt, how)
      if (found.wrong.length > 0) wrong[`${fullAt}, ${found.failedAt}`] = found.wrong
      // Nothing was written so late.
      if (found.failedAt === undefined) break
    }
    expect(wrong).toEqual({})
  },
)
