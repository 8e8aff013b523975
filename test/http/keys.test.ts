import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tempFolder } from '../support/open-server.ts'
import { cloudPrompt, exampleText, zImage } from '../support/prompts.ts'
import { startServe } from '../support/start-cli.ts'

const key = `${'feedface'.repeat(4).slice(0, 31)}7`

/** Every file below a folder that holds the text, by its path. */
async function filesWith(folder: string, text: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const found = await Promise.all(
    entries
      .filter(entry => entry.isFile())
      .map(async entry => {
        const path = join(entry.parentPath, entry.name)
        return (await readFile(path)).includes(text) ? [path] : []
      }),
  )
  return found.flat()
}

test('a key in a posted prompt goes to the key store and is nowhere else: queue, history, sockets, pictures, database, logs', async () => {
  const dataDir = await tempFolder()
  const server = await startServe(['--data-dir', dataDir, '--sandbox', 'on', '--sandbox-speed', '500'], {
    RH_BRIDGE_LOG: 'debug',
  })
  const workflow = {
    version: 0.4,
    nodes: [
      {
        id: 1,
        type: 'RH_SettingsNode',
        mode: 0,
        inputs: [],
        outputs: [],
        widgets_values: ['https://www.runninghub.cn', key, zImage],
      },
    ],
    links: [],
  }
  const { entry, socket, id } = await server.runToEnd(cloudPrompt(zImage, { apiKey: key }), {
    extra_data: { extra_pnginfo: { workflow } },
  })
  expect(entry.status.status_str).toBe('success')
  const reference = /^<key:(.+)>$/.exec(String(entry.prompt[2]['1']?.inputs.apiKey))
  expect(reference).not.toBeNull()
  const { keys } = (await server.get('/bridge/keys')).json as {
    keys: { name: string; lastFour: string; isDefault: boolean }[]
  }
  expect(keys).toMatchObject([{ name: reference?.[1], isDefault: false }])

  const texts = [...socket.texts, server.output.stdout]
  for (const path of [
    '/queue',
    '/history',
    `/history/${id}`,
    '/api/jobs',
    `/api/jobs/${id}`,
    '/bridge/runs',
    `/bridge/runs/${id}`,
    '/bridge/keys',
    '/bridge/health',
    '/bridge/assets',
    '/system_stats',
    '/object_info',
    '/settings',
  ]) {
    texts.push((await server.get(path)).text)
  }
  const [file] = (entry.outputs['4']?.images ?? []) as { filename: string }[]
  const picture = await server.get(`/view?filename=${file?.filename}`)
  expect(picture.bytes.includes(`<key:${reference?.[1]}>`)).toBe(true)
  texts.push(picture.bytes.toString('latin1'))
  server.child.kill('SIGTERM')
  await server.ended()
  texts.push(server.output.stderr)
  expect(server.output.stderr).toContain('"path":"/prompt"')
  expect(texts.filter(text => text.includes(key))).toEqual([])
  expect(await filesWith(dataDir, key)).toEqual([join(dataDir, 'keys.json')])
})

test('a key in an imported file, in a refused prompt and in wrong requests goes nowhere either', async () => {
  const dataDir = await tempFolder()
  const server = await startServe(['--data-dir', dataDir, '--sandbox', 'on'], { RH_BRIDGE_LOG: 'debug' })
  const text = await exampleText('rh_text_to_image')
  const withKey = text.replace(
    '"https://www.runninghub.cn",\n        ""',
    `"https://www.runninghub.cn",\n        "${key}"`,
  )
  expect(withKey).not.toBe(text)
  const form = new FormData()
  form.append('file', new Blob([withKey]), 'mine.json')
  const answers = [
    await server.request('/bridge/import', { method: 'POST', body: form }),
    await server.request('/bridge/import', { method: 'POST', body: withKey }),
    await server.request('/bridge/run', {
      method: 'POST',
      body: `{"workflow":${withKey.replace(zImage, '1')}}`,
    }),
    // No output: refused, and the key is taken out all the same.
    await server.post('/prompt', { prompt: { '1': cloudPrompt(zImage, { apiKey: key })['1'] } }),
    await server.post('/prompt', {
      prompt: { ...cloudPrompt(zImage, { apiKey: key }), '4': { class_type: 'SaveImage', inputs: {} } },
    }),
    await server.request('/prompt', { method: 'POST', body: `{"prompt": {"1": "${key}` }),
    await server.get(`/nowhere?apiKey=${key}`),
    await server.post('/bridge/keys', { name: '<bad>', key }),
  ]
  expect(answers[0]?.text).toContain('<key:')
  expect(answers.filter(answer => answer.text.includes(key)).map(({ text }) => text)).toEqual([])
  for (const path of ['/queue', '/history', '/bridge/runs'])
    expect((await server.get(path)).text).not.toContain(key)
  server.child.kill('SIGKILL')
  await server.ended()
  expect(server.output.stderr).not.toContain(key)
  expect(await filesWith(dataDir, key)).toEqual([join(dataDir, 'keys.json')])
})
