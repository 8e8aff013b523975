import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import { expect, onTestFinished, test } from 'vitest'
import { readConfig } from '../../server/config.ts'
import { createBridge as openLibrary } from '../../server/library.ts'
import { createBridge } from '../../server/main.ts'
import { createMcp } from '../../server/mcp/server.ts'
import { createSandbox, type Sandbox } from '../../server/sandbox/index.ts'
import { cli, examples } from '../cli/support.ts'
import { isEndOf, openServer } from '../support/open-server.ts'

const name = 'rh_text_to_image'
const file = join(examples, `${name}.json`)

type House = { readonly sandbox: Sandbox; readonly dataDir: string }

/** Each runs the same file to its end. */
const doors: Readonly<Record<string, (house: House) => Promise<void>>> = {
  async 'the editor'(house) {
    const server = await serverOf(house)
    const socket = await server.socket('editor')
    const workflow = JSON.parse(await readFile(file, 'utf8'))
    const { json } = await server.post('/bridge/run', { workflow, client_id: 'editor', name })
    await socket.until(isEndOf((json as { prompt_id: string }).prompt_id))
    socket.close()
    await server.close()
  },
  async 'ComfyUI’s API'(house) {
    const server = await serverOf(house)
    const { json } = await server.post('/bridge/import', JSON.parse(await readFile(file, 'utf8')), {
      headers: { 'content-type': 'application/json' },
    })
    const { entry } = await server.runToEnd((json as { prompt: unknown }).prompt)
    expect(entry.status.status_str).toBe('success')
    await server.close()
  },
  async 'the command line'({ sandbox, dataDir }) {
    const { code } = await cli(['run', file, '--base-url', sandbox.url, '--data-dir', dataDir])
    expect(code).toBe(0)
  },
  async 'the library'({ sandbox, dataDir }) {
    await using bridge = await openLibrary({ dataDir, baseUrl: sandbox.url })
    expect((await bridge.run(file)).status).toBe('success')
  },
  async 'an assistant'({ sandbox, dataDir }) {
    const bridge = await createBridge(readConfig({ dataDir, baseUrl: sandbox.url }, {}))
    const folders = { saved: join(dataDir, 'workflows'), examples }
    const mcp = createMcp({ bridge, version: '0', budgetCoins: 1_000, folders })
    const client = new Client({ name: 'test', version: '0' }, { capabilities: {} })
    const [mine, its] = InMemoryTransport.createLinkedPair()
    await Promise.all([mcp.connect(its), client.connect(mine)])
    const answer = await client.callTool({ name: 'run', arguments: { workflow: name, wait_seconds: 60 } })
    expect(JSON.stringify(answer.content)).toContain('success')
    await client.close()
    await mcp.close()
    await bridge.idle()
    await bridge.close()
  },
}

test('every door runs the same graph and leaves the same journal', async () => {
  const journals = await Promise.all(
    Object.entries(doors).map(async ([door, run]) => {
      const house = await openHouse()
      await run(house)
      expect(house.sandbox.tasks()).toHaveLength(1)
      return [door, journalOf(house.dataDir)] as const
    }),
  )
  const [, first] = journals[0] ?? []
  expect(first).toMatchObject([{ state: 'fetched', kind: 'workflow', files: 4 }])
  expect(first?.[0]?.events).toEqual(expect.arrayContaining(['submitting', 'created', 'done', 'fetched']))
  for (const [door, journal] of journals) expect([door, journal]).toEqual([door, first])
})

async function openHouse(): Promise<House> {
  const sandbox = await createSandbox({ seed: 1, speed: 50 })
  const dataDir = await mkdtemp(join(tmpdir(), 'rh-door-'))
  onTestFinished(async () => {
    await sandbox.close()
    await rm(dataDir, { recursive: true, force: true })
  })
  return { sandbox, dataDir }
}

const serverOf = ({ sandbox, dataDir }: House) =>
  openServer({ dataDir, environment: { RUNNINGHUB_BASE_URL: sandbox.url } })

type Note = { readonly what: string }
type Row = Record<'node_id' | 'kind' | 'target_id' | 'state' | 'events' | 'result', string>

/** Seen or missed, as the question falls. */
const seenByChance = ['queued', 'running']

/** The journal as it lies on disk, without what is another each time: ids, hosts and times. */
function journalOf(dataDir: string) {
  const database = new DatabaseSync(join(dataDir, 'rh-bridge.db'), { readOnly: true })
  try {
    const rows = database.prepare('SELECT * FROM tasks ORDER BY seq').all() as Row[]
    return rows.map(({ node_id, kind, target_id, state, events, result }) => ({
      ...{ node: node_id, kind, target: target_id, state },
      files: (JSON.parse(result) as { files: unknown[] }).files.length,
      events: (JSON.parse(events) as Note[])
        .map(({ what }) => what)
        .filter(what => !seenByChance.includes(what)),
    }))
  } finally {
    database.close()
  }
}
