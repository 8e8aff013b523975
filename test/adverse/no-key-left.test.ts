import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createSandbox, type FaultRule, specialWorkflows as special } from '../../server/sandbox/index.ts'
import type { Prompt } from '../../server/shared/prompt.ts'
import { tempFolder } from '../support/open-server.ts'
import { cloudPrompt } from '../support/prompts.ts'
import { startServe } from '../support/start-cli.ts'
import { tinyRender } from '../support/tiny-render.ts'

const key = 'f00dbabe0123456789abcdef76543210'
/** A key as it could be written by somebody who did not mean to. */
const forms = [
  key,
  Buffer.from(key).toString('base64').slice(0, 40),
  encodeURIComponent(key),
  Buffer.from(key, 'utf16le'),
]

const quotes: FaultRule['do'][] = [
  { kind: 'code', code: 433, msg: `bad apiKey ${key} in prompt` },
  { kind: 'http', status: 500, body: `<html>apiKey=${key}</html>` },
]

test('after runs that were good, failed, stopped, faulted and lost, the key is in the key store alone, which only its owner reads', async () => {
  const dataDir = await tempFolder()
  const sandbox = await createSandbox({ speed: 100, render: tinyRender })
  onTestFinished(sandbox.close)
  const server = await startServe(['--data-dir', dataDir], { RH_BRIDGE_LOG: 'trace' })
  const socket = await server.socket('listener')
  const here = (prompt: Prompt): Prompt =>
    JSON.parse(JSON.stringify(prompt).replace('https://www.runninghub.cn', sandbox.url))
  const frames: unknown[] = []
  const run = async (id: string) => {
    const ended = await server.runToEnd(here(cloudPrompt(id, { apiKey: key })))
    frames.push(ended.socket.messages)
    return ended.entry.status.status_str
  }

  expect(await run('1867632304280715265')).toBe('success')
  expect(await run(special.fails.id)).toBe('error')
  for (const action of quotes) {
    sandbox.addFaults([
      { on: 'create', do: action },
      { on: 'outputs', do: action },
    ])
    await run(special.latent.id)
    sandbox.clearFaults()
  }
  sandbox.addFaults([{ on: 'create', do: { kind: 'commit-then-reset' } }])
  const lost = await server.submit(here(cloudPrompt(special.slow.id, { apiKey: key })), {
    client_id: 'listener',
  })
  const unknown = () => server.get('/bridge/unknown')
  while (!(await unknown()).text.includes('"seq"'));
  await server.post('/interrupt', { prompt_id: lost })

  const replies = await Promise.all(
    [
      ...[
        '/queue',
        '/history',
        '/api/jobs',
        '/system_stats',
        '/settings',
        '/userdata?dir=workflows',
        '/bridge/unknown',
      ],
      ...[
        '/bridge/runs',
        `/bridge/runs/${lost}`,
        '/bridge/keys',
        '/bridge/limits',
        '/bridge/costs',
        '/object_info/RH_SettingsNode',
      ],
    ].map(async path => ({ path, content: (await server.get(path)).bytes })),
  )
  const files = await readdir(dataDir, { recursive: true, withFileTypes: true })
  const written = await Promise.all(
    files
      .filter(file => file.isFile() && file.name !== 'keys.json')
      .map(async file => ({ path: file.name, content: await readFile(join(file.parentPath, file.name)) })),
  )
  const said = [
    { path: 'standard output', content: Buffer.from(server.output.stdout) },
    { path: 'the log', content: Buffer.from(server.output.stderr) },
    { path: 'frames', content: Buffer.from(JSON.stringify([frames, socket.messages])) },
  ]
  expect(sandbox.requests().some(({ rawBody }) => rawBody.includes(key))).toBe(true)
  expect(written.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['rh-bridge.db', 'rh-bridge.db-wal']),
  )
  const everything = [...written, ...replies, ...said]
  const found = everything
    .filter(({ content }) => forms.some(form => content.includes(form)))
    .map(({ path }) => path)
  expect(found).toEqual([])
  // Nor the credential of the progress socket.
  expect(
    everything.filter(({ content }) => content.includes('Rh-Comfy-Auth=')).map(({ path }) => path),
  ).toEqual([])
  const store = join(dataDir, 'keys.json')
  expect((await readFile(store, 'utf8')).includes(key)).toBe(true)
  expect((await stat(store)).mode & 0o777).toBe(0o600)
})
