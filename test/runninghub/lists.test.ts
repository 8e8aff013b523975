import { expect, test } from 'vitest'
import { systemClock } from '../../server/shared/clock.ts'
import { clientFor, createHastyClock, key, never, openCloud, openServer } from './support.ts'

const app = '1877265245566922753'
const open = () => openCloud({ clock: createHastyClock(), sandboxClock: systemClock })

test('a search is public: the key stays here; the list without one carries it in the header alone', async () => {
  const { client, requests } = await open()
  const wish = { sort: 'hottest', current: 1, size: 500 } as const
  const found = await client.searchApps({ ...wish, search: 'kontext' }, never)
  expect(found).toMatchObject({ total: 1, hasNext: false, items: [{ id: app, uses: 34545 }] })
  const [search] = requests('/api/webapp/list')
  expect(search?.headers.authorization).toBeUndefined()
  expect(search?.rawBody).not.toContain(key)
  const listed = await client.listApps(wish, never)
  expect(listed.items[0]).toMatchObject({ id: app, title: 'Flux Kontext 单图编辑' })
  const [list] = requests('/aiapp/list')
  expect(list?.headers.authorization).toBe(`Bearer ${key}`)
  expect(list?.rawBody).toBe('{"current":1,"size":50,"sort":"HOTTEST","days":7}')
})

test('models are asked for by kind, with only the filters that are wanted', async () => {
  const { client, requests } = await open()
  const first = await client.listResources({ type: 'LORA', current: 1, size: 50 }, never)
  expect(first).toMatchObject({ total: 52, hasNext: true })
  expect(requests('/resource/list')[0]?.rawBody).toBe('{"resourceType":"LORA","current":1,"size":50}')
  const wish = { type: 'LORA', name: 'ink', baseModels: ['Flux.1 D'], current: 1, size: 5 } as const
  const { items } = await client.listResources(wish, never)
  expect(items).toMatchObject([
    { name: '水墨山水', fileName: 'ink_landscape.safetensors', versions: [{ baseModel: 'Flux.1 D' }] },
    { name: 'Ink (Flux.1 D)' },
  ])
})

test('the keys of the account come masked', async () => {
  const { client } = await open()
  const [first] = await client.listKeys(never)
  expect(first).toMatchObject({ name: 'sandbox', isActive: true, quotaLimit: null, quotaUsed: '0' })
  expect(first?.masked).toMatch(/^\*{4}/)
})

test('what sites leave out, write otherwise or put elsewhere is read all the same', async () => {
  const answers: Record<string, object | null> = {
    '/openapi/v2/aiapp/list': {
      list: [{ webappId: 12345678901234567890n.toString(), title: null }, { title: 'without an id' }],
      total: '70508',
    },
    '/api/webapp/list': {
      records: [{ id: 7, name: '换脸', covers: [{ fileUri: 'https://x.test/a.png' }], statisticsInfo: null }],
      total: '61',
    },
    '/openapi/v2/resource/list': {
      records: [
        { id: 9, resourceName: 'x', owner: { name: 'who' }, tags: [{ name: 'style' }, 'y'], versions: null },
        { id: '10', owner: null, tags: null, versions: [{ baseModel: null, triggerWords: ['a', 'b'] }] },
      ],
    },
    '/openapi/v2/api-key/list': null,
  }
  const url = await openServer((request, response) => {
    response.end(JSON.stringify({ code: 0, msg: '', data: answers[request.url ?? ''] }))
  })
  const { client } = clientFor(url, systemClock)
  const at = { current: 2, size: 30 }
  expect(await client.listApps({ ...at, sort: 'recommend' }, never)).toMatchObject({
    total: 70508,
    hasNext: true,
    items: [
      { id: '12345678901234567890', title: '', cover: '' },
      { id: '', title: 'without an id' },
    ],
  })
  expect(await client.searchApps({ ...at, sort: 'recommend', search: '换脸' }, never)).toMatchObject({
    hasNext: true,
    items: [{ id: '7', cover: 'https://x.test/a.png', description: '', uses: null }],
  })
  expect(await client.listResources({ ...at, type: 'UNET' }, never)).toMatchObject({
    total: 2,
    items: [
      { id: '9', owner: 'who', tags: ['style', 'y'], versions: [] },
      { owner: '', versions: [{ baseModel: '', triggerWords: 'a, b' }] },
    ],
  })
  expect(await client.listKeys(never)).toEqual([])
})
