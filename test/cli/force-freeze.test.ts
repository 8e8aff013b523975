import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readConfig } from '../../server/config.ts'
import { serve } from '../../server/serve.ts'
import { clientOf } from '../support/open-server.ts'
import { openBench, prompt } from './support.ts'

test.concurrent('a frozen node of a file gives its kept result for nothing; --force makes it anew, --no-cache does not', async context => {
  const { runJson, run, write, sandbox, dataDir } = await openBench(context)
  const graph = prompt() as Record<string, object>
  const server = await serve({
    config: readConfig({ dataDir, baseUrl: sandbox.url }, {}),
    ...{ host: '127.0.0.1', port: 0, logLevel: 'silent', version: 'test', argv: [] },
  })
  const client = clientOf(server.url)
  const { id } = await client.runToEnd(graph)
  const { json } = await client.post(`/bridge/runs/${id}/nodes/4/freeze`)
  await server.close(0)
  const { pin } = json as { pin: string }
  const meta = { title: 'Cloud', frozen: pin }
  const file = await write('frozen.json', { ...graph, 4: { ...graph[4], _meta: meta } })

  const away = await write('away.json', { ...graph, 4: { ...graph[4], _meta: { frozen: 'pin-none' } } })
  const [told, same, unknown, gone] = await Promise.all([
    run(file, ['--no-cache']),
    runJson(file),
    runJson(file, ['--force', 'Nobody']),
    runJson(away),
  ])
  expect(told.code).toBe(0)
  expect(told.stderr).toMatch(/^Cloud \(4\): frozen, its kept result is used$/m)
  expect(same.report).toMatchObject({ status: 'success', tasks: [], cached: expect.arrayContaining(['4']) })
  expect([unknown.code, unknown.report.errors[0]?.code]).toEqual([2, 'bad-force'])
  expect([gone.code, gone.report.errors[0]]).toMatchObject([1, { nodeId: '4', code: 'frozen-gone' }])
  expect(gone.report.errors[0]?.message).toContain('Unfreeze it, or run this node anew.')
  expect(sandbox.tasks()).toHaveLength(1)

  const forced = await runJson(file, ['--force', 'Cloud'])
  expect(forced.code).toBe(0)
  expect(sandbox.tasks()).toHaveLength(2)
  const [task] = forced.report.tasks
  expect(task?.report).toMatchObject({
    ...{ taskId: task?.taskId, state: 'fetched', createdBy: forced.report.runId, recordPage: null },
    ...{ retries: 0, files: 4, bytes: expect.any(Number), coins: task?.coins, note: null },
    events: expect.arrayContaining([expect.objectContaining({ what: 'submitting' })]),
  })
  expect(await readdir(join(dataDir, 'pins'))).toEqual([pin])
})
