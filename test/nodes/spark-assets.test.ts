import { describe, expect, test } from 'vitest'
import { NodeError } from '../../nodes/context.ts'
import { openNodeBench } from '../support/node-bench.ts'
import { nodeOf, picture } from './support.ts'

const create = nodeOf('RH_SparkVideoAssetCreate')
const query = nodeOf('RH_SparkVideoAssetQuery')
const merge = nodeOf('RH_SparkVideoAssetIdsMerge')
const api_config = { baseUrl: 'https://www.runninghub.cn', apiKey: '<key:mine>', targetId: '' }

test('RHSettingsNode hands on where and who, without spaces', async () => {
  const bench = await openNodeBench()
  const given = { base_url: ' https://www.runninghub.ai/openapi/v2 ', apiKey: ' <key:mine> ' }
  expect(await bench.run(nodeOf('RHSettingsNode'), given)).toEqual({
    api_config: { baseUrl: 'https://www.runninghub.ai/openapi/v2', apiKey: '<key:mine>', targetId: '' },
  })
})

describe('RH_SparkVideoAssetCreate', () => {
  test('has one picture, video or sound kept', async () => {
    const bench = await openNodeBench()
    const asset = await bench.input('a.png', await picture(4, 4).png().toBuffer())
    const image = [{ kind: 'image', asset }]
    expect(await bench.run(create, { image, api_config })).toEqual({
      asset_id: 'kept-Image',
      status: 'ACTIVE',
      response: '{}',
    })
    expect(bench.uploads).toEqual([{ settings: api_config, asset }])
    const video = { kind: 'video', asset: await bench.input('b.mp4', 'b') }
    expect(await bench.run(create, { video })).toMatchObject({ asset_id: 'kept-Video' })
    await expect(bench.run(create, { image, video })).rejects.toThrow('Exactly one of image, video and audio')
    await expect(bench.run(create, {})).rejects.toThrow('0 are')
  })

  test('skip_error gives empty texts and the error as the response', async () => {
    const bench = await openNodeBench()
    expect(await bench.run(create, { skip_error: true })).toMatchObject({
      asset_id: '',
      status: '',
      response: expect.stringContaining('Exactly one'),
      isKept: false,
    })
  })
})

test('RH_SparkVideoAssetQuery tells how an asset stands, however its id is written', async () => {
  const bench = await openNodeBench()
  const found = await bench.run(query, { asset_id: 'asset://kept-Audio ' })
  expect(found).toEqual({
    asset_id: 'kept-Audio',
    status: 'ACTIVE',
    preview_url: 'https://cloud.test/kept-Audio',
    response: '{}',
  })
  await expect(bench.run(query, { asset_id: ' ' })).rejects.toMatchObject({ code: 'input-empty' })
  const lost = new NodeError('no such asset', { code: 'cloud-1004' })
  const cloud = { findAsset: () => Promise.reject(lost) } as never
  await expect(bench.run(query, { asset_id: 'x' }, { cloud })).rejects.toBe(lost)
  expect(await bench.run(query, { asset_id: 'x', skip_error: true }, { cloud })).toMatchObject({ status: '' })
})

test('RH_SparkVideoAssetIdsMerge joins ids in their order', async () => {
  const bench = await openNodeBench()
  const ids = { asset_id1: 'a, asset://b', asset_id2: '', asset_id3: 'c' }
  expect(await bench.run(merge, ids)).toEqual({ asset_ids: 'a, b, c' })
  await expect(bench.run(merge, { asset_id1: '' })).rejects.toMatchObject({ code: 'input-empty' })
})
