import { expect, onTestFinished, test } from 'vitest'
import { changedKeySchema, keyFactsSchema } from '../../server/http/bridge-schemas.ts'
import { createSandbox } from '../../server/sandbox/index.ts'
import { openServer } from '../support/open-server.ts'
import { exampleText } from '../support/prompts.ts'

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
