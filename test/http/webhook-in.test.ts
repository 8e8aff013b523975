import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runSchema } from '../../server/http/bridge-schemas.ts'
import { webhookSchema } from '../../server/http/control-schemas.ts'
import { openServer } from '../support/open-server.ts'
import { cloudPrompt } from '../support/prompts.ts'
import { raw } from '../support/raw-http.ts'

const sdxl = '1904136902449209346'
const token = 'a-token-for-tests'
const withToken = { authorization: `Bearer ${token}` }

test('with --public-url tasks ask for a call, which is taken, noted, looked at and asked for again', async () => {
  const server = await openServer({ publicUrl: 'https://bridge.example.com/x/', sandboxSpeed: 50 })
  const secretFile = join(server.dataDir, 'webhook.secret')
  const secret = (await readFile(secretFile, 'utf8')).trim()
  expect((await stat(secretFile)).mode & 0o777).toBe(0o600)
  const { id } = await server.runToEnd(cloudPrompt(sdxl))
  const details = async () => runSchema.strict().parse((await server.get(`/bridge/runs/${id}`)).json)
  const came = async () => (await details()).journal[0]?.events.filter(({ what }) => what === 'webhook came')
  await expect.poll(came).toHaveLength(1)
  const [task] = (await details()).journal
  expect(task?.webhook).toBe(true)

  const path = `/bridge/tasks/${task?.taskId}/webhook`
  const look = webhookSchema.strict().parse((await server.get(path)).json)
  expect(look).toMatchObject({ taskId: task?.taskId, status: 'SUCCESS', retries: 0 })
  // A sandbox reaches this machine alone; the secret stays here.
  expect(look.url).toBe(`${server.url}/bridge/hooks/…`)
  expect((await server.post(`${path}/retry`)).status).toBe(200)
  for (const answer of [await server.get(path), await server.get(`/bridge/runs/${id}`)]) {
    expect(answer.text).not.toContain(secret)
  }
  expect((await server.get('/bridge/tasks/123/webhook')).json).toMatchObject({
    error: { code: 'no-webhook' },
  })
  expect((await server.get('/bridge/tasks/12x/webhook')).json).toMatchObject({
    error: { code: 'bad-task-id' },
  })
  // The same address after a restart.
  await server.close()
  const again = await openServer({ dataDir: server.dataDir, publicUrl: 'https://bridge.example.com' })
  expect((await again.post(`/bridge/hooks/${secret}`, {})).status).toBe(200)
})

test('only the secret path is let past the guard, and all it takes is a small call', async () => {
  const server = await openServer({ publicUrl: 'https://bridge.example.com', token })
  const secret = (await readFile(join(server.dataDir, 'webhook.secret'), 'utf8')).trim()
  const outside = { host: 'bridge.example.com', 'content-type': 'application/json' }
  const call = (path: string, body: string, method = 'POST') =>
    raw(server, path, { method, headers: outside, body })
  const good = JSON.stringify({ event: 'TASK_END', taskId: '1904152026220003329', eventData: '{"code":0}' })
  const hook = `/bridge/hooks/${secret}`
  expect(await call(hook, good)).toMatchObject({ status: 200, text: '{"ok":true}' })
  // Forged, unknown, of another event, without a task, a number for an id: the same answer, and nothing happens.
  for (const body of [
    '{"event":"TASK_END","taskId":"../../x"}',
    '{"event":"OTHER"}',
    '[]',
    'null',
    '{}',
    '',
  ]) {
    expect(await call(hook, body)).toMatchObject({ status: 200, text: '{"ok":true}' })
  }
  expect((await call(hook, '{"event":')).status).toBe(400)
  expect((await call(hook, `"${'x'.repeat(1024 * 1024)}"`)).status).toBe(413)
  for (const path of [
    `/bridge/hooks/${secret.slice(1)}`,
    `/bridge/hooks/${secret}x`,
    '/bridge/hooks/',
    `${hook}/../../health`,
    `//bridge/hooks/${secret}`,
    '/bridge/health',
  ]) {
    expect((await call(path, good)).status, path).toBe(403)
  }
  expect((await call(hook, '', 'GET')).status).toBe(403)
  const closed = await openServer({ token })
  expect((await closed.post(hook, {}, { headers: withToken })).status).toBe(404)
})

test('a flood of calls is answered with 429', async () => {
  const server = await openServer({ publicUrl: 'http://127.0.0.1:1' })
  const secret = (await readFile(join(server.dataDir, 'webhook.secret'), 'utf8')).trim()
  const answers = await Promise.all(
    Array.from({ length: 150 }, () =>
      server.post(`/bridge/hooks/${secret}`, { event: 'TASK_END', taskId: '1' }),
    ),
  )
  const statuses = answers.map(({ status }) => status)
  expect(statuses.filter(status => status === 200).length).toBeGreaterThanOrEqual(60)
  expect(statuses).toContain(429)
  expect(answers.find(({ status }) => status === 429)?.headers.get('retry-after')).toBe('5')
})

test('an address that is none is refused before anything starts', async () => {
  for (const publicUrl of ['bridge.example.com', 'ftp://x', 'https://x/?a=1']) {
    await expect(openServer({ publicUrl })).rejects.toMatchObject({ code: 'bad-public-url' })
  }
})
