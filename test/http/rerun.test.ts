import { expect, test } from 'vitest'
import { readConfig } from '../../server/config.ts'
import { createSandbox } from '../../server/sandbox/index.ts'
import { serve } from '../../server/serve.ts'
import type { Prompt } from '../../server/shared/prompt.ts'
import { cpuTime } from '../support/cpu-time.ts'
import { clientOf, tempFolder } from '../support/open-server.ts'
import { cloudPrompt, node, zImage } from '../support/prompts.ts'

/** Two branches side by side; the text is of one of them. */
function graph(text: string): Prompt {
  return {
    ...cloudPrompt(zImage, { text, prefix: 'first' }),
    alone: node('RH_ExecuteNode', { apiConfig: ['1', 0], concurrency_limit: 3 }),
    kept: node('SaveImage', { images: ['alone', 0], filename_prefix: 'alone' }),
  }
}

test('after a restart an unchanged graph creates nothing and is done in under 50 ms; one changed prompt runs what follows from it alone', async context => {
  const sandbox = await createSandbox({ speed: 500, concurrency: 3 })
  const dataDir = await tempFolder()
  const start = () =>
    serve({
      config: readConfig({ dataDir, baseUrl: sandbox.url }, {}),
      ...{ host: '127.0.0.1', port: 0, logLevel: 'silent', version: 'test', argv: [] },
    })
  let server = await start()
  context.onTestFinished(async () => {
    await server.close(0)
    await sandbox.close()
  })
  await clientOf(server.url).runToEnd(graph('a fox'))
  expect(sandbox.tasks()).toHaveLength(2)

  const times: number[] = []
  // The best counts, and the process's own work where that is less: a machine that is busy elsewhere says nothing of ours.
  while (times.length < 3 || (Math.min(...times) >= 50 && times.length < 30)) {
    await server.close(0)
    server = await start()
    const client = clientOf(server.url)
    const socket = await client.socket('me')
    const startedAt = performance.now()
    const work = cpuTime()
    const id = await client.submit(graph('a fox'), { client_id: 'me' })
    await socket.until(({ type, data }) => type === 'execution_success' && data.prompt_id === id)
    times.push(Math.min(performance.now() - startedAt, work()))
    const { json } = await client.get(`/bridge/runs/${id}`)
    expect(json).toMatchObject({ status: 'success', tasks: [], journal: [] })
    socket.close()
  }
  console.log(`unchanged after a restart: ${times.map(Math.round).join(', ')} ms`)
  expect(Math.min(...times)).toBeLessThan(50)
  expect(sandbox.tasks()).toHaveLength(2)

  const client = clientOf(server.url)
  const { id } = await client.runToEnd(graph('a hare'))
  expect(sandbox.tasks()).toHaveLength(3)
  const { json } = await client.get(`/bridge/runs/${id}`)
  const states = (json as { nodes: { nodeId: string; state: string }[] }).nodes
  const ran = states.filter(({ state }) => state === 'done').map(({ nodeId }) => nodeId)
  expect(ran).toEqual(expect.arrayContaining(['2', '3', '4']))
  expect(states).toEqual(
    expect.arrayContaining(
      ['alone', 'kept'].map(nodeId => expect.objectContaining({ nodeId, state: 'cached' })),
    ),
  )
})
