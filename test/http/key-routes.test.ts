import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { changedKeySchema, keyFactsSchema, keysSchema } from '../../server/http/key-schemas.ts'
import { createSandbox } from '../../server/sandbox/index.ts'
import { openServer } from '../support/open-server.ts'
import { cloudPrompt, exampleText, node, zImage } from '../support/prompts.ts'

const key = `${'feedface'.repeat(4).slice(0, 31)}8`

type Keys = { keys: { name: string; isDefault: boolean }[] }
const names = (json: unknown) => (json as Keys).keys.map(({ name, isDefault }) => [name, isDefault])
const patch = (body: object): RequestInit => ({ method: 'PATCH', body: JSON.stringify(body) })

test('a key is renamed and made the default', async () => {
  const server = await openServer({ sandbox: 'on' })
  await server.post('/bridge/keys', { name: 'one', key })
  await server.post('/bridge/keys', { name: 'two', key: `${key}2` })
  const renamed = await server.request('/bridge/keys/two', patch({ name: 'work', default: true }))
  expect(names(renamed.json)).toEqual([
    ['one', false],
    ['work', true],
  ])
  expect((await server.request('/bridge/keys/gone', patch({ name: 'x' }))).status).toBe(404)
  expect((await server.request('/bridge/keys/work', patch({ name: '<x>' }))).status).toBe(400)
  expect((await server.request('/bridge/keys/work', patch({ name: 'one' }))).json).toMatchObject({
    error: { code: 'bad-key-name' },
  })
  expect(changedKeySchema.safeParse({ key }).data).toEqual({})
})

test('a key is tried at its own site, whatever the sandbox is set to', async () => {
  const site = await createSandbox({ speed: 100, concurrency: 3 })
  onTestFinished(() => site.close())
  const server = await openServer({ sandbox: 'on' })
  await server.post('/bridge/keys', { name: 'good', key, baseUrl: site.url })
  await server.post('/bridge/keys', { name: 'bad', key: `invalid${key}`, baseUrl: site.url })
  const good = await server.post('/bridge/keys/good/test')
  expect(keyFactsSchema.strict().parse(good.json)).toMatchObject({
    site: site.url,
    kind: 'NORMAL',
    coins: '99999',
    running: 0,
    limit: 3,
  })
  const bad = await server.post('/bridge/keys/bad/test')
  expect(bad.status).toBe(422)
  expect(bad.json).toMatchObject({ error: { code: expect.any(String), hint: expect.any(String) } })
  expect(bad.text).not.toContain(key)
  expect((await server.post('/bridge/keys/gone/test')).status).toBe(404)
  // Nothing was said outside.
  expect((await server.post('/bridge/keys/RUNNINGHUB_API_KEY/test')).status).toBe(404)
})

test('what becomes of a key in a file is chosen: kept under a name, left alone, or removed', async () => {
  const server = await openServer({ sandbox: 'on' })
  const text = (await exampleText('rh_text_to_image')).replace(
    '"https://www.runninghub.cn",\n        ""',
    `"https://www.runninghub.cn",\n        "${key}"`,
  )
  const importAs = (query: string) => server.request(`/bridge/import${query}`, { method: 'POST', body: text })
  const keys = async () => names((await server.get('/bridge/keys')).json).map(([name]) => name)

  const looked = await importAs('?keys=leave')
  expect((looked.json as { report: { keys: object[] } }).report.keys).toHaveLength(1)
  const removed = await importAs('?keys=remove')
  expect(removed.text).not.toContain('<key:')
  expect(await keys()).toEqual([])
  expect((await importAs('?keys=keep&keyName=theirs')).text).toContain('<key:theirs>')
  expect(await keys()).toEqual(['theirs'])
  // Known by now: spoken of by that name.
  expect((await importAs('?keys=leave')).text).toContain('<key:theirs>')
  expect((await importAs('?keys=what')).status).toBe(400)
  for (const { text: answer } of [looked, removed]) expect(answer).not.toContain(key)
})

test('a key that came with a prompt goes to the address beside it, and for nobody else anywhere', async () => {
  const [own, stranger] = await Promise.all([createSandbox({ speed: 100 }), createSandbox({ speed: 100 })])
  onTestFinished(async () => {
    await Promise.all([own.close(), stranger.close()])
  })
  const server = await openServer({})
  const ended = async (apiKey: string, baseUrl: string) => {
    const prompt = cloudPrompt(zImage, { apiKey })
    const settings = { ...prompt['1']?.inputs, base_url: baseUrl }
    const { entry } = await server.runToEnd({ ...prompt, '1': node('RH_SettingsNode', settings) })
    return entry.status.status_str
  }
  expect(await ended(key, own.url)).toBe('success')
  expect(own.requests()[0]?.headers.authorization).toBe(`Bearer ${key}`)
  const [name] = names((await server.get('/bridge/keys')).json).map(([known]) => known)

  expect(await ended(`<key:${name}>`, own.url)).toBe('success')
  // The other is a sandbox, which has a key of its own.
  expect(await ended(`<key:${name}>`, stranger.url)).toBe('success')
  expect(JSON.stringify(stranger.requests())).not.toContain(key)
  // Whoever has the key itself says where it goes.
  expect(await ended(key, stranger.url)).toBe('success')
  expect(JSON.stringify(stranger.requests())).toContain(key)
})

test('without a site a key goes to the one that knows it; one that none knows is not kept', async () => {
  const [cn, ai] = await Promise.all([
    createSandbox({ speed: 100, strict: true }),
    createSandbox({ speed: 100, concurrency: 7 }),
  ])
  onTestFinished(async () => {
    await Promise.all([cn.close(), ai.close()])
  })
  const server = await openServer({
    sandbox: 'on',
    environment: { RH_BRIDGE_SITES: `${cn.url},${ai.url}` },
  })
  // Of 33 characters: a strict site does not know it.
  const added = await server.post('/bridge/keys', { name: 'mine', key: `${key}9` })
  expect((added.json as { keys: object[] }).keys).toMatchObject([{ name: 'mine', baseUrl: ai.url }])
  expect((await server.post('/bridge/keys/mine/test')).json).toMatchObject({ limit: 7, isLow: false })
  const refused = await server.post('/bridge/keys', { name: 'bad', key: `invalid-${key}` })
  expect([refused.status, refused.json]).toMatchObject([422, { error: { code: 'key-unknown' } }])
  expect(refused.text).not.toContain(key)
  await ai.close()
  // Nobody can tell now: kept, and its site found out another day.
  const later = await server.post('/bridge/keys', { name: 'later', key: `${key}9` })
  expect((later.json as { keys: object[] }).keys).toMatchObject([
    { name: 'mine' },
    { name: 'later', baseUrl: null },
  ])
})

test('a balance below the limit for a warning is told as low', async () => {
  const site = await createSandbox({ speed: 100 })
  onTestFinished(() => site.close())
  const server = await openServer({ sandbox: 'on' })
  const facts = async (name: string) => (await server.post(`/bridge/keys/${name}/test`)).json
  await server.post('/bridge/keys', { name: 'normal', key, baseUrl: site.url })
  await server.post('/bridge/keys', { name: 'broke', key: `broke${key}`, baseUrl: site.url })
  await server.post('/bridge/keys', { name: 'shared', key: `shared${key}`, baseUrl: site.url })
  expect(await facts('normal')).toMatchObject({ kind: 'NORMAL', isLow: false })
  expect(await facts('broke')).toMatchObject({ coins: '0', isLow: true })
  expect(await facts('shared')).toMatchObject({ kind: 'SHARED', money: '999.00', isLow: false })
  await server.request('/bridge/limits', patch({ warnBelowMoney: 1000, warnBelowCoins: 0 }))
  expect(await facts('broke')).toMatchObject({ isLow: false })
  expect(await facts('shared')).toMatchObject({ isLow: true })
})

test('encrypted by passphrase, locked at the next start, unlocked again; the sandbox runs all the while', async () => {
  const first = await openServer({ sandbox: 'auto' })
  const { dataDir } = first
  await first.post('/bridge/keys', { name: 'work', key })
  expect((await first.post('/bridge/key-store/encrypt', { passphrase: 'short' })).status).toBe(400)
  const sealed = await first.post('/bridge/key-store/encrypt', { passphrase: 'correct horse' })
  expect(keysSchema.parse(sealed.json)).toMatchObject({
    keys: [{ name: 'work' }],
    protection: { kind: 'passphrase', isLocked: false },
  })
  expect(await readFile(join(dataDir, 'keys.json'), 'utf8')).not.toContain(key)
  await first.close()

  const server = await openServer({ dataDir, sandbox: 'auto' })
  const locked = { keys: [], protection: { kind: 'passphrase', isLocked: true } }
  expect((await server.get('/bridge/keys')).json).toEqual(locked)
  expect((await server.get('/bridge/health')).json).toMatchObject({
    ok: true,
    keysLocked: true,
    keyName: null,
  })
  // The node that needs the key says so, in one line with what to do; nothing falls back on made-up results.
  const silent = await server.runToEnd(cloudPrompt(zImage))
  expect(silent.entry.status.status_str).toBe('error')
  expect(JSON.stringify(silent.entry.status.messages)).toContain('The key store is locked')
  const add = await server.post('/bridge/keys', { name: 'b', key })
  expect([add.status, add.json]).toMatchObject([423, { error: { code: 'keys-locked' } }])
  const wrong = await server.post('/bridge/key-store/unlock', { passphrase: 'correct h0rse' })
  expect([wrong.status, wrong.json]).toMatchObject([422, { error: { code: 'wrong-passphrase' } }])
  expect(wrong.text).not.toContain('h0rse')
  expect((await server.post('/bridge/key-store/nonsense', { passphrase: 'x' })).status).toBe(404)
  expect((await server.post('/bridge/key-store/unlock', {})).status).toBe(400)
  const opened = await server.post('/bridge/key-store/unlock', { passphrase: 'correct horse' })
  expect(opened.json).toMatchObject({ keys: [{ name: 'work', isDefault: true }] })
  expect((await server.get('/bridge/health')).json).toMatchObject({ keysLocked: false, keyName: 'work' })
  // Who sits at the page may use the keys, and lay them open only with the passphrase.
  expect((await server.post('/bridge/key-store/decrypt', { passphrase: 'guess' })).status).toBe(422)
  for (const current of [undefined, 'guess']) {
    const taken = await server.post('/bridge/key-store/encrypt', { passphrase: 'words of mine', current })
    expect([taken.status, taken.json]).toMatchObject([422, { error: { code: 'wrong-passphrase' } }])
  }
  expect((await server.post('/bridge/key-store/unlock', { passphrase: 'words of mine' })).status).toBe(422)
  const changed = { passphrase: 'horse battery', current: 'correct horse' }
  expect((await server.post('/bridge/key-store/encrypt', changed)).status).toBe(200)
  expect((await server.post('/bridge/key-store/unlock', { passphrase: 'correct horse' })).status).toBe(422)
  expect(await readFile(join(dataDir, 'keys.json'), 'utf8')).not.toContain(key)
  expect(
    (await server.post('/bridge/key-store/decrypt', { passphrase: 'horse battery' })).json,
  ).toMatchObject({
    protection: { kind: 'none' },
  })
  await server.close()

  await writeFile(join(dataDir, 'keys.json'), JSON.stringify({ keys: [] }))
  const onSandbox = await openServer({ dataDir, sandbox: 'on' })
  await onSandbox.post('/bridge/keys', { name: 'work', key })
  await onSandbox.post('/bridge/key-store/encrypt', { passphrase: 'correct horse' })
  await onSandbox.bridge.keyStore.lock()
  expect((await onSandbox.runToEnd(cloudPrompt(zImage))).entry.status.status_str).toBe('success')
})
