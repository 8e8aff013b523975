import sharp from 'sharp'
import { expect, test } from 'vitest'
import { sandboxKey, specialWorkflows } from '../../server/sandbox/index.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { bytesOf, filesOf, formOf, openBench, sdxl, styleTransfer, zImage } from './support.ts'

const textNode = (text: string) => ({ nodeId: '6', fieldName: 'text', fieldValue: text })

test('a result can be fetched whole, in ranges, and not again when unchanged', async () => {
  const { create, finished } = await openBench()
  const [file] = filesOf(await finished(await create(sdxl)))
  const url = file?.fileUrl ?? ''
  const whole = await bytesOf(url)
  expect(whole.status).toBe(200)
  expect(whole.headers.get('content-type')).toBe('image/png')
  expect(whole.headers.get('content-length')).toBe(String(whole.bytes.length))
  const middle = await bytesOf(url, { range: 'bytes=100-199' })
  expect(middle.status).toBe(206)
  expect(middle.headers.get('content-range')).toBe(`bytes 100-199/${whole.bytes.length}`)
  expect(middle.bytes).toEqual(whole.bytes.subarray(100, 200))
  expect((await bytesOf(url, { range: 'bytes=-10' })).bytes).toEqual(whole.bytes.subarray(-10))
  expect((await bytesOf(url, { range: `bytes=${whole.bytes.length}-` })).status).toBe(416)
  const etag = whole.headers.get('etag') ?? ''
  expect((await bytesOf(url, { 'if-none-match': etag })).status).toBe(304)
  expect((await bytesOf(url, { range: 'bytes=0-9', 'if-range': '"other"' })).status).toBe(200)
})

test('a result is gone after 24 hours', async () => {
  const clock = createFakeClock()
  const { create, finished } = await openBench({ clock })
  const [file] = filesOf(await clock.run(finished(await create(sdxl))))
  await clock.advance(24 * 3600_000 - 10_000)
  expect((await bytesOf(file?.fileUrl ?? '')).status).toBe(200)
  await clock.advance(10_001)
  expect((await bytesOf(file?.fileUrl ?? '')).status).toBe(404)
})

test('a key sent to a file is noted as a violation', async () => {
  const { create, finished, sandbox } = await openBench()
  const [file] = filesOf(await finished(await create(sdxl)))
  await bytesOf(file?.fileUrl ?? '')
  expect(sandbox.violations()).toEqual([])
  await bytesOf(file?.fileUrl ?? '', { authorization: `Bearer ${sandboxKey}` })
  await bytesOf(`${file?.fileUrl}?apiKey=${sandboxKey}`)
  expect(sandbox.violations().map(violation => violation.rule)).toEqual([
    'key-on-file-host',
    'key-on-file-host',
  ])
})

test('a picture follows prompt, seed and size, and repeats exactly', async () => {
  const { create, finished } = await openBench()
  const draw = async (...infos: object[]) => {
    const [file] = filesOf(await finished(await create(sdxl, infos, { addMetadata: false })))
    return (await bytesOf(file?.fileUrl ?? '')).bytes
  }
  const seed = { nodeId: '3', fieldName: 'seed', fieldValue: '18446744073709551615' }
  const fox = await draw(textNode('红色的狐狸 & <fox> "\u0000"'), seed)
  expect(await draw(textNode('红色的狐狸 & <fox> "\u0000"'), seed)).toEqual(fox)
  expect(await draw(textNode('a crow'), seed)).not.toEqual(fox)
  expect(await draw(textNode('红色的狐狸 & <fox> "\u0000"'), { ...seed, fieldValue: 1 })).not.toEqual(fox)
  const wide = await draw(
    { nodeId: '5', fieldName: 'width', fieldValue: '640' },
    { nodeId: '5', fieldName: 'height', fieldValue: 16 },
  )
  expect(await sharp(wide).metadata()).toMatchObject({
    width: 640,
    height: 64,
    format: 'png',
    hasAlpha: false,
  })
})

test('a PNG carries the graph that ran, digit for digit and without a key', async () => {
  const { create, finished } = await openBench()
  const infos = [textNode('狐狸'), { nodeId: '3', fieldName: 'seed', fieldValue: '18446744073709551615' }]
  const [file] = filesOf(await finished(await create(sdxl, infos)))
  const text = (await bytesOf(file?.fileUrl ?? '')).bytes.toString('latin1')
  expect(text).toContain('tEXtprompt\0{"3"')
  expect(text).toContain('"seed":18446744073709551615')
  expect(text).toContain('\\u72d0\\u72f8')
  expect(text).not.toContain(sandboxKey)
})

test('batch_size decides the number of pictures', async () => {
  const { create, finished } = await openBench()
  const infos = [{ nodeId: '5', fieldName: 'batch_size', fieldValue: '2' }]
  expect(filesOf(await finished(await create(zImage, infos)))).toHaveLength(2)
  const open = [{ nodeId: '77', fieldName: 'batch_size', fieldValue: 3 }]
  expect(filesOf(await finished(await create('1999999999999999991', open)))).toHaveLength(3)
})

test('an uploaded picture comes back restyled seven times, and recognisable', async () => {
  const { sandbox, create, finished } = await openBench()
  const upload = async (background: string) => {
    const png = await sharp({ create: { width: 300, height: 200, channels: 3, background } })
      .png()
      .toBuffer()
    const response = await fetch(`${sandbox.url}/task/openapi/upload`, {
      method: 'POST',
      body: formOf(new Uint8Array(png), 'a.png', { apiKey: sandboxKey, fileType: 'image' }),
    })
    return ((await response.json()) as { data: { fileName: string } }).data.fileName
  }
  const infos = [
    { nodeId: '21', fieldName: 'image', fieldValue: await upload('#202020') },
    { nodeId: '24', fieldName: 'image', fieldValue: `${await upload('#ff0000')} [input]` },
  ]
  const files = filesOf(await finished(await create(styleTransfer, infos)))
  expect(files).toHaveLength(7)
  const { bytes } = await bytesOf(files[2]?.fileUrl ?? '')
  const { channels } = await sharp(bytes).stats()
  expect(await sharp(bytes).metadata()).toMatchObject({ width: 300, height: 200 })
  // The red of the style picture has come into the dark source.
  expect(channels[0]?.mean).toBeGreaterThan((channels[1]?.mean ?? 0) + 8)
})

test.each([
  ['video', 'mp4', 'video/mp4', (bytes: Buffer) => bytes.toString('latin1', 4, 8) === 'ftyp'],
  ['audio', 'wav', 'audio/wav', (bytes: Buffer) => bytes.toString('latin1', 0, 4) === 'RIFF'],
])('an unknown workflow fed a %s field gives one %s', async (fieldName, fileType, contentType, isReal) => {
  const { create, finished } = await openBench({ speed: 1000 })
  const infos = [{ nodeId: '1', fieldName, fieldValue: 'api/x' }]
  const files = filesOf(await finished(await create('1999999999999999991', infos)))
  expect(files.map(file => file.fileType)).toEqual([fileType])
  const { bytes, headers } = await bytesOf(files[0]?.fileUrl ?? '')
  expect(headers.get('content-type')).toBe(contentType)
  expect(isReal(bytes)).toBe(true)
})

test('a huge result has its size and is a PNG that decodes', async () => {
  const { create, finished } = await openBench()
  const files = filesOf(await finished(await create(specialWorkflows.huge.id)))
  expect(files).toHaveLength(8)
  const head = await bytesOf(files[7]?.fileUrl ?? '', { range: 'bytes=0-32' })
  expect(head.headers.get('content-range')).toBe(`bytes 0-32/${4 * 1024 * 1024}`)
})

test('a throttled answer takes its time by the clock', async () => {
  const clock = createFakeClock()
  const { create, finished } = await openBench({ clock })
  const [file] = filesOf(await clock.run(finished(await create(specialWorkflows.slowFile.id))))
  const before = clock.now()
  const { bytes } = await clock.run(bytesOf(file?.fileUrl ?? ''))
  expect(bytes.length).toBe(10 * 1024 * 1024)
  expect((await sharp(bytes).metadata()).format).toBe('png')
  expect(clock.now() - before).toBeGreaterThan(9_800)
  expect(clock.now() - before).toBeLessThan(10_200)
})

test('a latent is safetensors and a glb is glTF', async () => {
  const { create, finished } = await openBench()
  const [latent] = filesOf(await finished(await create(specialWorkflows.latent.id)))
  const { bytes } = await bytesOf(latent?.fileUrl ?? '')
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + Number(bytes.readBigUInt64LE(0))))
  expect(header.latent_tensor).toMatchObject({ dtype: 'F32', shape: [1, 4, 64, 64] })
  const [glb] = filesOf(await finished(await create(specialWorkflows.unknownFiles.id)))
  const model = (await bytesOf(glb?.fileUrl ?? '')).bytes
  expect(model.toString('latin1', 0, 4)).toBe('glTF')
  expect(model.readUInt32LE(8)).toBe(model.length)
})
