import { expect, onTestFinished, test } from 'vitest'
import { createSandbox } from '../../server/sandbox/index.ts'
import { type HistoryEntry, isEndOf, openServer, tempFolder } from '../support/open-server.ts'
import { slowPrompt, textPrompt } from '../support/prompts.ts'

const passphrase = 'correct horse battery'
const key = 'f00dbabe0123456789abcdef01234567'

/** A server whose encrypted keys pay at a sandbox that outlives it, with a run under way. */
async function openPaid() {
  const sandbox = await createSandbox({ speed: 60, concurrency: 50 })
  onTestFinished(() => sandbox.close())
  const dataDir = await tempFolder()
  const first = await openServer({ dataDir, parallel: 1 })
  await first.bridge.keyStore.put({ name: 'work', key, baseUrl: sandbox.url }, { makeDefault: true })
  await first.bridge.keyStore.encrypt({ kind: 'passphrase', passphrase })
  const socket = await first.socket('me')
  await first.submit(slowPrompt(), { prompt_id: 'paid', client_id: 'me' })
  await socket.until(({ type }) => type === 'bridge.task')
  return { sandbox, dataDir, first }
}

test('runs and batches that were left behind wait for locked keys, hold up nobody, and go on with their tasks', async () => {
  const { sandbox, dataDir, first } = await openPaid()
  await first.submit(slowPrompt(), { prompt_id: 'behind', client_id: 'me' })
  const rows = [{ text: 'a' }, { text: 'b' }]
  const wish = { title: 'kept', prompt: slowPrompt(), rows, mapping: { text: ['2.fieldValue'] }, parallel: 2 }
  const { id } = (await first.post('/bridge/batches', wish)).json as { id: string }
  await expect.poll(() => sandbox.tasks().length).toBe(3)
  await first.close(0)

  const second = await openServer({ dataDir, parallel: 1 })
  expect([second.resumed, (await second.bridge.keyStore.protection()).isLocked]).toEqual([2, true])
  const batch = () => {
    const { state, why, done, failed } = second.batches.summary(id)
    return { state, why, done, failed }
  }
  const waiting = { state: 'running', why: 'The key store is locked', done: 0, failed: 0 }
  await expect.poll(batch).toEqual(waiting)
  const socket = await second.socket('me')
  await second.runToEnd(textPrompt('meanwhile'))
  // Whoever starts one now can start it again.
  const late = await second.runToEnd(slowPrompt())
  expect(JSON.stringify(late.entry.status)).toContain('key store is locked')
  expect((await second.get('/history')).json).not.toHaveProperty('paid')

  expect((await second.post('/bridge/key-store/unlock', { passphrase })).status).toBe(200)
  await Promise.all(['paid', 'behind'].map(run => socket.until(isEndOf(run))))
  const history = (await second.get('/history')).json as Record<string, HistoryEntry>
  expect(['paid', 'behind'].map(run => history[run]?.status.status_str)).toEqual(['success', 'success'])
  expect(history.paid?.outputs['4']?.images).toHaveLength(1)
  await expect.poll(batch).toEqual({ state: 'done', why: null, done: 2, failed: 0 })
  // One each; nothing for the one that was refused.
  expect(sandbox.tasks()).toHaveLength(4)
})

test('a run that waits for locked keys can be stopped, and is handed on by a server that ends', async () => {
  const { sandbox, dataDir, first } = await openPaid()
  await first.close(0)
  const second = await openServer({ dataDir })
  expect(second.resumed).toBe(1)
  await second.close(0)
  const third = await openServer({ dataDir })
  expect(third.resumed).toBe(1)
  const socket = await third.socket('me')
  await third.post('/interrupt')
  if (!(await third.get('/history/paid')).text.includes('paid')) await socket.until(isEndOf('paid'))
  const { json } = await third.get('/history/paid')
  expect((json as Record<string, HistoryEntry>).paid?.status.status_str).toBe('error')
  expect(sandbox.tasks()).toHaveLength(1)
})
