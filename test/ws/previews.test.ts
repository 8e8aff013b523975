import sharp from 'sharp'
import { expect, test } from 'vitest'
import { isEndOf, openServer } from '../support/open-server.ts'

const prompt = {
  1: { class_type: 'EmptyImage', inputs: { width: 3, height: 2, batch_size: 2, color: 0x0a141e } },
  2: { class_type: 'SaveImageWebsocket', inputs: { images: ['1', 0] } },
}

test('SaveImageWebsocket sends each picture as a PNG frame to its client, also when nothing has changed', async () => {
  const server = await openServer()
  const mine = await server.socket('me')
  const other = await server.socket('other')
  for (const round of [1, 2]) {
    const id = await server.submit(prompt, { client_id: 'me' })
    await mine.until(isEndOf(id))
    expect(mine.frames).toHaveLength(2 * round)
    const { json } = await server.get(`/history/${id}`)
    expect((json as Record<string, { outputs: object }>)[id]?.outputs).toEqual({})
  }
  const [frame] = mine.frames
  expect(frame?.after).toMatch(/progress/)
  expect([frame?.data.readUInt32BE(0), frame?.data.readUInt32BE(4)]).toEqual([1, 2])
  const { data, info } = await sharp(frame?.data.subarray(8)).raw().toBuffer({ resolveWithObject: true })
  expect([info.format, info.width, info.height, ...data.subarray(0, 3)]).toEqual(['raw', 3, 2, 10, 20, 30])
  expect(other.frames).toEqual([])
})

test('a client that knows the form is told whose picture it is; without a client everybody gets it', async () => {
  const server = await openServer()
  const plain = await server.socket('plain')
  const detailed = await server.socket('detailed')
  detailed.send(JSON.stringify({ type: 'feature_flags', data: { supports_preview_metadata: true } }))
  await detailed.until(({ type }) => type === 'feature_flags')
  const id = await server.submit(prompt)
  await expect.poll(() => [plain.frames.length, detailed.frames.length]).toEqual([2, 2])
  expect(plain.frames[0]?.data.readUInt32BE(0)).toBe(1)
  const frame = detailed.frames[0]?.data ?? Buffer.alloc(8)
  const length = frame.readUInt32BE(4)
  expect(frame.readUInt32BE(0)).toBe(4)
  expect(JSON.parse(frame.subarray(8, 8 + length).toString())).toEqual({
    node_id: '2',
    prompt_id: id,
    display_node_id: '2',
    parent_node_id: null,
    real_node_id: '2',
    image_type: 'image/png',
  })
  expect((await sharp(frame.subarray(8 + length)).metadata()).format).toBe('png')
})
