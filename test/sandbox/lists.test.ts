import { expect, test } from 'vitest'
import { sandboxKey } from '../../server/sandbox/index.ts'
import { type Answer, kontext, openBench } from './support.ts'

const storyboard = '1975470159655735297'
const upscale = '1968224578318974977'
const authorized = { authorization: `Bearer ${sandboxKey}` }
type Row = { [key: string]: unknown }
const rowsOf = ({ json }: Answer) => (json.data as { records: Row[] }).records

test('resource/list pages, at most 50 at once, and wants a type', async () => {
  const { postV2 } = await openBench()
  const list = (more: object) =>
    postV2('/openapi/v2/resource/list', { resourceType: 'LORA', current: 1, size: 50, ...more })
  const first = await list({ size: 500 })
  expect(first.json.data).toMatchObject({
    ...{ size: 50, current: 1, total: 52, pages: 2, hasNext: true, hasPrevious: false },
  })
  const second = await list({ current: 2 })
  expect(second.json.data).toMatchObject({ hasNext: false, hasPrevious: true })
  const ids = [...rowsOf(first), ...rowsOf(second)].map(({ id }) => id)
  expect(new Set(ids).size).toBe(52)
  expect((await list({ resourceType: 'VAE' })).json.code).toBe(301)
  expect((await postV2('/openapi/v2/resource/list', { current: 1 }, 'no-KEY')).json.data).toBeNull()
})

test('resource/list looks for a part of the name, for base models and for tags', async () => {
  const { postV2 } = await openBench()
  const namesOf = async (more: object) =>
    rowsOf(await postV2('/openapi/v2/resource/list', { resourceType: 'LORA', ...more })).map(
      ({ resourceName }) => resourceName,
    )
  const baseModels = ['Flux.1 D', 'SDXL 1.0']
  expect(await namesOf({ resourceName: 'pixel', baseModels })).toEqual([
    'Pixel (SDXL 1.0)',
    'Pixel (Flux.1 D)',
  ])
  expect(await namesOf({ tags: ['国风'] })).toEqual(['水墨山水'])
  expect(await namesOf({ resourceName: 'nothing like it' })).toEqual([])
})

test('api/webapp/list is public, looks for words or an id, pages and sorts', async () => {
  const { post } = await openBench()
  const list = (body: object) => post('/api/webapp/list', JSON.stringify(body))
  const idsOf = async (body: object) => rowsOf(await list(body)).map(({ id }) => id)
  expect(await idsOf({ search: 'KONTEXT' })).toEqual([kontext])
  expect(await idsOf({ search: storyboard })).toEqual([storyboard])
  expect(await idsOf({ search: '分镜' })).toEqual([storyboard])
  expect(await idsOf({ sort: 'HOTTEST' })).toEqual([kontext, upscale, storyboard])
  expect(await idsOf({ sort: 'NEWEST' })).toEqual([storyboard, upscale, kontext])
  const last = await list({ sort: 'NEWEST', current: 3, size: 1 })
  expect(rowsOf(last)).toMatchObject([{ id: kontext, covers: [], statisticsInfo: { useCount: '34545' } }])
  expect(last.json.data).toMatchObject({ total: '3', size: '1', current: '3', pages: '3' })
})

test('aiapp/list names the id in the example alone; the list of keys shows no key', async () => {
  const { postV2, get } = await openBench()
  const page = await postV2('/openapi/v2/aiapp/list', { current: 1, size: 1, sort: 'HOTTEST' })
  expect(page.json.data).toMatchObject({ total: 3, hasNext: true })
  const [row] = rowsOf(page)
  expect(Object.keys(row ?? {}).toSorted()).toEqual(['cover', 'description', 'invokeExample', 'title'])
  expect(row?.invokeExample).toContain(`/openapi/v2/run/ai-app/${kontext}'`)
  const keys = await get('/openapi/v2/api-key/list', authorized)
  expect(keys.text).not.toContain(sandboxKey)
  expect(keys.json.data).toMatchObject([{ apiKeyName: 'sandbox', status: 1, quotaLimit: null }])
})
