import { describe, expect, test } from 'vitest'
import { shippedModels } from '../../nodes/models/index.ts'
import type { SandboxOptions } from '../../server/sandbox/index.ts'
import { bytesOf, formOf, openBench } from './support.ts'

const path = '/openapi/v2/rhart-video/ltx-2.3/text-to-video'
const good = { prompt: 'rain', resolution: '720p', aspectRatio: '16:9', duration: 5 }
const shared = 'a-shared-key'
const open = (options: SandboxOptions = {}) => openBench({ models: shippedModels, ...options })
type Bench = Awaited<ReturnType<typeof open>>

/** Asks until a task has ended. */
async function ended({ postV2 }: Bench, taskId: unknown, key?: string) {
  for (;;) {
    const { json } = await postV2('/openapi/v2/query', { taskId: String(taskId) }, key)
    if (json.status !== 'QUEUED' && json.status !== 'RUNNING') return json
  }
}

describe('standard models', () => {
  test('want a shared key; only the built-in one may try them all the same', async () => {
    const { postV2 } = await open()
    expect((await postV2(path, good, 'some-other-key')).json.errorCode).toBe('1014')
    expect((await postV2(path, good, shared)).json).toMatchObject({ status: 'QUEUED', errorCode: '' })
    expect((await postV2(path, good)).json).toMatchObject({ status: 'QUEUED', errorCode: '' })
    expect((await postV2('/openapi/v2/nobody/knows-it/text-to-audio', {})).json.status).toBe('QUEUED')
  })

  test.each([
    ['normal', '1014'],
    ['exclusive', '1014'],
    ['shared', ''],
  ] as const)('a built-in key that is %s answers %j', async (keyKind, errorCode) => {
    const { postV2 } = await open({ keyKind })
    expect((await postV2(path, good)).json.errorCode).toBe(errorCode)
  })

  test.each([
    ['a missing field', { prompt: '' }, 'prompt is required'],
    ['a choice that is none', { resolution: '8k' }, 'resolution is none of 1080p, 720p, 480p'],
    ['a number out of bounds', { duration: 30 }, 'duration is 5 to 15'],
    ['a number as text', { duration: '5' }, 'duration is a whole number'],
  ])('refuse %s, and so does the price', async (_what, wrong, message) => {
    const { postV2, sandbox } = await open()
    const refusal = { errorCode: '1007', errorMessage: `Invalid parameters: ${message}` }
    expect((await postV2(path, { ...good, ...wrong })).json).toMatchObject(refusal)
    const price = await postV2(path.replace('/v2/', '/v2/price-preview/'), { ...good, ...wrong })
    expect(price.json).toMatchObject({ ...refusal, estimatedPrice: null })
    expect(sandbox.tasks()).toEqual([])
  })

  test('cost what the price preview says, once they succeed', async () => {
    const bench = await open()
    const price = await bench.postV2(path.replace('/v2/', '/v2/price-preview/'), { ...good, duration: 10 })
    expect(price.json).toMatchObject({ errorCode: '', estimatedPrice: '0.7', currency: 'CNY' })
    const created = await bench.postV2(path, { ...good, duration: 10 })
    const { usage, results } = await ended(bench, created.json.taskId)
    expect(usage).toEqual({
      consumeMoney: null,
      consumeCoins: null,
      taskCostTime: '0',
      thirdPartyConsumeMoney: '0.7',
    })
    expect(results).toMatchObject([{ outputType: 'mp4' }])
  })

  test('give texts in the answer, pictures by count, and what an uploaded picture becomes', async () => {
    const bench = await open()
    const text = await bench.postV2('/openapi/v2/rhart-text-g-25-flash/text-to-text', { prompt: 'a poem' })
    expect((await ended(bench, text.json.taskId)).results).toMatchObject([
      { url: null, outputType: 'txt', text: expect.stringContaining('a poem') },
    ])
    const uploaded = await fetch(`${bench.sandbox.url}/openapi/v2/media/upload/binary`, {
      method: 'POST',
      headers: { authorization: `Bearer ${shared}` },
      body: formOf(new Uint8Array([1, 2, 3]), 'a.png'),
    })
    const { data } = (await uploaded.json()) as { data: { download_url: string } }
    const edit = { imageUrls: [data.download_url], prompt: 'at night', n: 2 }
    const edited = await bench.postV2('/openapi/v2/alibaba/wan-2.7/image-edit', edit, shared)
    const { results } = await ended(bench, edited.json.taskId, shared)
    expect(results).toHaveLength(2)
    const [first] = results as unknown as { url: string }[]
    expect((await bytesOf(first?.url ?? '')).status).toBe(200)
    const lost = { ...edit, imageUrls: [`${bench.sandbox.url}/input/openapi/gone.png`] }
    expect((await bench.postV2('/openapi/v2/alibaba/wan-2.7/image-edit', lost, shared)).json.errorCode).toBe(
      '1013',
    )
  })

  test('a refused task says why by its code', async () => {
    const bench = await open()
    const created = await bench.postV2('/openapi/v2/sandbox/refused-content', {})
    expect(await ended(bench, created.json.taskId)).toMatchObject({ status: 'FAILED', errorCode: '1501' })
  })
})

test('kept assets are taken in for a moment, belong to a key, and can be renamed and deleted', async () => {
  const bench = await open({ speed: 1 })
  const call = async (action: string, body: object, key = shared) =>
    (await bench.postV2(`/openapi/v2/assets/${action}`, body, key)).json
  const created = await call('create', { url: 'https://a.test/a.png', assetType: 'Image', name: 'one' })
  expect(created).toMatchObject({ code: 0, data: { status: 'PROCESSING', assetType: 'Image', name: 'one' } })
  const { assetId } = created.data as { assetId: string }
  expect(await call('query', { assetId })).toMatchObject({
    data: { assetId, previewUrl: 'https://a.test/a.png' },
  })
  expect(await call('query', { assetId }, 'another-shared-key')).toMatchObject({ code: 1004 })
  expect(await call('query', { assetId }, 'a-plain-key')).toMatchObject({ code: 1014 })
  expect(await call('update', { assetId, name: 'two' })).toMatchObject({ data: { name: 'two' } })
  expect(await call('list', {})).toMatchObject({ data: { totalCount: 1, items: [{ name: 'two' }] } })
  expect(await call('create', { url: 'nowhere', assetType: 'Image' })).toMatchObject({ code: 1007 })
  await call('delete', { assetId })
  expect(await call('query', { assetId })).toMatchObject({ code: 1004 })
})
