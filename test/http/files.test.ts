import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { type HistoryEntry, openServer, type TestServer } from '../support/open-server.ts'
import { cloudPrompt, zImage } from '../support/prompts.ts'

let red: Buffer
let blue: Buffer
beforeAll(async () => {
  const paint = (background: string) =>
    sharp({ create: { width: 6, height: 4, channels: 4, background } })
      .png()
      .toBuffer()
  red = await paint('rgba(255,0,0,0.5)')
  blue = await paint('blue')
})

/** fetch would add `no-cache` on its own. */
const plain = { 'cache-control': 'max-age=0' }

type Parts = { file?: Uint8Array | string; name?: string; fields?: Record<string, string>; field?: string }

function upload(server: TestServer, parts: Parts, path = '/upload/image') {
  const form = new FormData()
  for (const [name, value] of Object.entries(parts.fields ?? {})) form.append(name, value)
  if (parts.file !== undefined) {
    form.append(parts.field ?? 'image', new Blob([parts.file as BlobPart]), parts.name ?? 'a.png')
  }
  return server.request(path, { method: 'POST', body: form })
}

const filesOf = (entry: HistoryEntry) =>
  (entry.outputs['4']?.images ?? []) as { filename: string; subfolder: string }[]

async function put(server: TestServer, path: string, bytes: Uint8Array | string): Promise<void> {
  await mkdir(dirname(join(server.dataDir, path)), { recursive: true })
  await writeFile(join(server.dataDir, path), bytes)
}

test.each(['', '/api'])(
  '%s/upload/image keeps a name for the same bytes and numbers other bytes',
  async prefix => {
    const server = await openServer()
    const send = async (file: Uint8Array, more: Parts = {}) =>
      (await upload(server, { file, name: 'a.png', ...more }, `${prefix}/upload/image`)).json
    expect(await send(red)).toEqual({ name: 'a.png', subfolder: '', type: 'input' })
    expect(await send(red)).toEqual({ name: 'a.png', subfolder: '', type: 'input' })
    expect(await send(blue)).toMatchObject({ name: 'a (1).png' })
    expect(await send(blue)).toMatchObject({ name: 'a (1).png' })
    expect(await send(blue, { fields: { overwrite: 'yes' } })).toMatchObject({ name: 'a (1).png' })
    expect(await send(blue, { fields: { overwrite: 'true' } })).toMatchObject({ name: 'a.png' })
    expect(await readFile(join(server.dataDir, 'input/a.png'))).toEqual(blue)
    expect(await send(red, { fields: { subfolder: 'x/y/', type: 'temp' } })).toEqual({
      name: 'a.png',
      subfolder: 'x/y',
      type: 'temp',
    })
    const seen = await server.get(`${prefix}/view?filename=a.png&subfolder=x/y&type=temp`)
    expect(seen.bytes).toEqual(red)
  },
)

test('any kind of file is taken, under any field name’s order, and leaves nothing else behind', async () => {
  const server = await openServer()
  const video = await upload(server, { file: 'not really a film', name: 'film ☃.mp4' })
  expect(video.json).toEqual({ name: 'film ☃.mp4', subfolder: '', type: 'input' })
  expect((await upload(server, { file: '', name: 'empty.txt' })).json).toMatchObject({ name: 'empty.txt' })
  expect(await readdir(join(server.dataDir, 'temp'))).toEqual([])
  expect((await readdir(join(server.dataDir, 'input'))).toSorted()).toEqual(['empty.txt', 'film ☃.mp4'])
})

test('an upload can be used in a prompt at once, by the name the answer gave', async () => {
  const server = await openServer()
  const { json } = await upload(server, { file: red, fields: { subfolder: 'sub' } })
  const { name, subfolder } = json as { name: string; subfolder: string }
  const { entry } = await server.runToEnd({
    '1': { class_type: 'LoadImage', inputs: { image: `${subfolder}/${name}` } },
    '2': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'mine' } },
  })
  expect(entry.outputs['2']?.images).toEqual([{ filename: 'mine_00001_.png', subfolder: '', type: 'output' }])
  const info = await server.get('/object_info/LoadImage')
  await upload(server, { file: red, name: 'listed.png' })
  const later = await server.get('/object_info/LoadImage')
  const options = (json: unknown) =>
    (json as { LoadImage: { input: { required: { image: [string[]] } } } }).LoadImage.input.required.image[0]
  expect(options(info.json)).not.toContain('listed.png')
  expect(options(later.json)).toContain('listed.png')
})

test('twenty uploads of the same name at once all get a name of their own', async () => {
  const server = await openServer()
  const names = await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const answer = await upload(server, { file: `file ${index}`, name: 'same.txt' })
      return [(answer.json as { name: string }).name, `file ${index}`] as const
    }),
  )
  expect(new Set(names.map(([name]) => name)).size).toBe(20)
  for (const [name, text] of names) {
    expect(await readFile(join(server.dataDir, 'input', name), 'utf8')).toBe(text)
  }
})

test('a mask’s alpha is put onto its original, whose texts stay', async () => {
  const server = await openServer()
  const { entry } = await server.runToEnd(cloudPrompt(zImage, { prefix: 'original' }))
  const [original] = filesOf(entry)
  const from = await server.get(`/view?filename=${original?.filename}`)
  const { width, height } = await sharp(from.bytes).metadata()
  const mask = await sharp({ create: { width: 8, height: 8, channels: 4, background: 'rgba(0,0,0,0)' } })
    .png()
    .toBuffer()
  for (const field of ['original_ref', 'originalRef']) {
    const answer = await upload(
      server,
      { file: mask, name: `${field}.png`, fields: { [field]: JSON.stringify(original), type: 'input' } },
      '/upload/mask',
    )
    expect(answer.json).toEqual({ name: `${field}.png`, subfolder: '', type: 'input' })
    const made = await server.get(`/view?filename=${field}.png&type=input`)
    const facts = await sharp(made.bytes).metadata()
    expect([facts.width, facts.height, facts.hasAlpha]).toEqual([width, height, true])
    expect((await sharp(made.bytes).stats()).isOpaque).toBe(false)
    expect(made.bytes.includes('tEXtprompt')).toBe(true)
  }
})

test.each([
  ['no file at all', { fields: { type: 'input' } }, '/upload/image'],
  ['an unknown folder', { file: 'x', fields: { type: 'etc' } }, '/upload/image'],
  ['an empty name', { file: 'x', name: ' ' }, '/upload/image'],
  ['a mask without its original', { file: 'x' }, '/upload/mask'],
  [
    'a mask of a missing original',
    { file: 'x', fields: { original_ref: '{"filename":"no.png"}' } },
    '/upload/mask',
  ],
  [
    'a mask of an outside original',
    { file: 'x', fields: { original_ref: '{"filename":"../../x.png"}' } },
    '/upload/mask',
  ],
  ['a subfolder that is a file', { file: 'x', fields: { subfolder: 'there.txt' } }, '/upload/image'],
  ['a subfolder below a file', { file: 'x', fields: { subfolder: 'there.txt/b' } }, '/upload/image'],
  [
    'a subfolder with an endless name',
    { file: 'x', fields: { subfolder: 'x'.repeat(5000) } },
    '/upload/image',
  ],
  [
    'a name that is a folder, overwritten',
    { file: 'x', name: 'folder', fields: { overwrite: '1' } },
    '/upload/image',
  ],
])('an upload with %s is refused with 400 and leaves nothing behind', async (_what, parts: Parts, path) => {
  const server = await openServer()
  await put(server, 'input/there.txt', 'there')
  await put(server, 'input/folder/inside.txt', 'inside')
  const answer = await upload(server, parts, path)
  expect(answer.status).toBe(400)
  expect(answer.json).toMatchObject({ error: { code: expect.any(String), message: expect.any(String) } })
  expect((await readdir(join(server.dataDir, 'input'))).toSorted()).toEqual(['folder', 'there.txt'])
  expect(await readdir(join(server.dataDir, 'temp'))).toEqual([])
})

test('an upload goes to an input folder on another disk', async () => {
  const other = '/dev/shm'
  if ((await stat(other).catch(() => undefined)) === undefined) return
  const inputDir = join(other, `rh-test-${process.pid}`)
  onTestFinished(() => rm(inputDir, { recursive: true, force: true }))
  const server = await openServer({ inputDir })
  const answer = await upload(server, { file: red, name: 'far.png' })
  expect([answer.status, answer.json]).toEqual([200, { name: 'far.png', subfolder: '', type: 'input' }])
  expect(await readFile(join(inputDir, 'far.png'))).toEqual(red)
})

test.each(['', '/api'])(
  '%s/view sends a whole file with its type, name, ETag and date, and knows HEAD',
  async prefix => {
    const server = await openServer()
    await put(server, 'output/sub/a.png', red)
    const path = `${prefix}/view?filename=a.png&subfolder=sub`
    const answer = await server.get(path)
    expect(answer.status).toBe(200)
    expect(answer.bytes).toEqual(red)
    expect(answer.headers.get('content-type')).toBe('image/png')
    expect(answer.headers.get('content-disposition')).toBe('filename="a.png"')
    expect(answer.headers.get('cache-control')).toBeNull()
    expect(answer.headers.get('last-modified')).not.toBeNull()
    const etag = answer.headers.get('etag') ?? ''
    expect(etag).not.toBe('')
    const same = await server.get(path, { 'if-none-match': etag, ...plain })
    expect([same.status, same.bytes.length]).toEqual([304, 0])
    const head = await server.request(path, { method: 'HEAD' })
    expect([head.status, head.bytes.length, head.headers.get('content-length')]).toEqual([
      200,
      0,
      String(red.length),
    ])
    await put(server, 'output/sub/a.png', blue)
    expect((await server.get(path, { 'if-none-match': etag, ...plain })).status).toBe(200)
  },
)

test('/view answers ranges, and 416 for one that cannot be met', async () => {
  const server = await openServer()
  await put(server, 'output/letters.txt', 'abcdefghij')
  const range = (value: string) => server.get('/view?filename=letters.txt', { range: value })
  const some = await range('bytes=2-4')
  expect([some.status, some.text, some.headers.get('content-range')]).toEqual([206, 'cde', 'bytes 2-4/10'])
  expect((await range('bytes=-3')).text).toBe('hij')
  expect((await range('bytes=8-')).text).toBe('ij')
  const beyond = await range('bytes=50-')
  expect([beyond.status, beyond.json]).toMatchObject([416, { error: { code: expect.any(String) } }])
})

test.each([
  ['a.png', 'image/png', false],
  ['a.webp', 'image/webp', false],
  ['a.mp4', 'video/mp4', false],
  ['a.wav', 'audio/wav', false],
  ['a.txt', 'text/plain; charset=utf-8', false],
  ['a.latent', 'application/octet-stream', false],
  ['a.html', 'application/octet-stream', true],
  ['A.HTM', 'application/octet-stream', true],
  ['a.svg', 'application/octet-stream', true],
  ['a.xhtml', 'application/octet-stream', true],
  ['a.xml', 'application/octet-stream', true],
  ['a.js', 'application/octet-stream', true],
  ['a.mjs', 'application/octet-stream', true],
  ['a.css', 'application/octet-stream', true],
  ['a.shtml', 'application/octet-stream', true],
  ['a.wasm', 'application/octet-stream', true],
])('/view gives %s as %s', async (name, type, isAttachment) => {
  const server = await openServer()
  await put(server, `input/${name}`, '<svg onload="alert(1)"/>')
  const { headers, status } = await server.get(`/view?filename=${name}&type=input`)
  expect([status, headers.get('content-type')]).toEqual([200, type])
  expect(headers.get('content-disposition')).toBe(`${isAttachment ? 'attachment; ' : ''}filename="${name}"`)
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('content-security-policy')).toBe("default-src 'none'; sandbox")
})

test('/view writes names beyond ASCII in the extended form, and no name breaks the header', async () => {
  const server = await openServer()
  for (const name of ['狐狸.png', 'quo"te\\.png', 'new\nline.png']) {
    await put(server, `output/${name.replace('\\', '_')}`, red)
    const { headers, status } = await server.get(
      `/view?filename=${encodeURIComponent(name.replace('\\', '_'))}`,
    )
    expect(status).toBe(200)
    expect(headers.get('content-disposition')).toMatch(
      /^filename="[\x20-\x7e]+"; filename\*=UTF-8''[\w%.-]+$/,
    )
  }
})

test('/view makes thumbnails of pictures and of a video’s first frame, and knows them again', async () => {
  const server = await openServer({
    inputDir: fileURLToPath(new URL('../../examples/input', import.meta.url)),
  })
  for (const name of ['harbour.png', 'waves.mp4']) {
    const address = `/view?type=input&filename=${name}&preview=webp&max=64`
    const small = await server.get(address)
    expect(small.headers.get('content-type')).toBe('image/webp')
    const { width = 0, height = 0 } = await sharp(small.bytes).metadata()
    expect(Math.max(width, height), name).toBe(64)
    const again = await server.get(address, { 'If-None-Match': small.headers.get('etag') ?? '' })
    expect([again.status, again.bytes.length]).toEqual([304, 0])
  }
})

test('/view makes previews and channels of pictures, without an ETag', async () => {
  const server = await openServer()
  await put(server, 'output/a.png', red)
  const view = (query: string) => server.get(`/view?filename=a.png&${query}`)
  for (const [query, type, format] of [
    ['preview=webp;90', 'image/webp', 'webp'],
    ['preview=jpeg;80', 'image/webp', 'webp'],
    ['preview=jpeg;80&channel=rgb', 'image/jpeg', 'jpeg'],
    ['preview=jpeg&channel=rgb', 'image/jpeg', 'jpeg'],
    ['preview=nonsense;x', 'image/webp', 'webp'],
    ['channel=rgb', 'image/png', 'png'],
    ['channel=a', 'image/png', 'png'],
  ] as const) {
    const answer = await view(query)
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('etag')], query).toEqual([
      200,
      type,
      null,
    ])
    expect((await sharp(answer.bytes).metadata()).format, query).toBe(format)
  }
  const pixel = async (query: string) => [
    ...(
      await sharp((await view(query)).bytes)
        .raw()
        .toBuffer()
    ).subarray(0, 4),
  ]
  expect((await sharp((await view('channel=rgb')).bytes).metadata()).channels).toBe(3)
  expect((await pixel('channel=rgb')).slice(0, 3)).toEqual([255, 0, 0])
  expect(await pixel('channel=a')).toEqual([0, 0, 0, 128])
})

test('/view knows annotated names, which beat type, and cuts paths off names', async () => {
  const server = await openServer()
  await put(server, 'input/a.png', red)
  await put(server, 'output/sub/b.png', blue)
  const view = async (query: string) => (await server.get(`/view?${query}`)).bytes
  expect(await view('filename=a.png [input]&type=output')).toEqual(red)
  expect(await view('filename=some/folder/b.png&subfolder=sub')).toEqual(blue)
})

test.each([
  ['', 404],
  ['filename=', 400],
  ['filename=nothing.png', 404],
  ['filename=a.png&type=etc', 400],
  ['filename=/etc/passwd', 400],
  ['filename=../a.png', 400],
  ['filename=..%5Ca.png', 400],
  ['filename=a.png%00.txt', 400],
  ['filename=a.png&subfolder=..', 403],
  ['filename=a.png&subfolder=/etc', 403],
  ['filename=a.png&subfolder=x%00', 403],
  ['filename=sub', 404],
  ['filename=a.txt&preview=webp', 415],
])('/view?%s answers %i with JSON', async (query, status) => {
  const server = await openServer()
  await put(server, 'output/a.png', red)
  await put(server, 'output/a.txt', 'text')
  await put(server, 'output/sub/b.png', red)
  for (const prefix of ['', '/api']) {
    const answer = await server.get(`${prefix}/view?${query}`)
    expect(answer.status).toBe(status)
    expect(answer.json).toMatchObject({ error: { code: expect.any(String), message: expect.any(String) } })
  }
})

test('/view_metadata reads the metadata of a safetensors file', async () => {
  const server = await openServer()
  const header = Buffer.from(JSON.stringify({ __metadata__: { prompt: '{}' }, x: {} }))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  await put(server, 'output/a.safetensors', Buffer.concat([length, header]))
  await put(server, 'output/bad.safetensors', Buffer.alloc(8, 255))
  expect((await server.get('/view_metadata/output?filename=a.safetensors')).json).toEqual({ prompt: '{}' })
  for (const path of [
    'output?filename=bad.safetensors',
    'output?filename=no.safetensors',
    'output',
    'output?filename=a.png',
  ])
    expect((await server.get(`/view_metadata/${path}`)).status, path).toBe(404)
})

test('saved pictures carry prompt and workflow, and none with --disable-metadata', async () => {
  const texts = async (metadata: boolean) => {
    const server = await openServer({ metadata })
    const workflow = { id: 'w', nodes: [], links: [], version: 0.4, extra: { note: '狐' } }
    const { entry } = await server.runToEnd(cloudPrompt(zImage, { prefix: 'meta' }), {
      extra_data: { extra_pnginfo: { workflow } },
    })
    const [file] = filesOf(entry)
    const { bytes } = await server.get(`/view?filename=${file?.filename}`)
    return bytes.toString('latin1')
  }
  const [full, bare] = [await texts(true), await texts(false)]
  // What the cloud wrote into a result is its own; ours names our nodes.
  for (const mark of ['tEXtprompt\0{', 'tEXtworkflow\0{', '\\u72d0', 'RH_ExecuteNode']) {
    expect(full.includes(mark), mark).toBe(true)
  }
  for (const mark of ['tEXtworkflow', 'RH_ExecuteNode']) expect(bare.includes(mark), mark).toBe(false)
})

test('filename_prefix makes folders and fills tokens, and the counter goes on', async () => {
  const server = await openServer()
  const save = async (prefix: string) => {
    const { entry } = await server.runToEnd(cloudPrompt(zImage, { prefix }))
    return filesOf(entry).map(({ filename, subfolder }) => `${subfolder}|${filename}`)
  }
  const names = (folder: string, stem: string, from: number) =>
    [0, 1, 2, 3].map(index => `${folder}|${stem}_${String(from + index).padStart(5, '0')}_.png`)
  const [first, second] = await Promise.all([save('a/b/fox'), save('a/b/fox')])
  expect([...(first ?? []), ...(second ?? [])].toSorted()).toEqual([
    ...names('a/b', 'fox', 1),
    ...names('a/b', 'fox', 5),
  ])
  const year = new Date().getFullYear()
  expect(await save('%year%/x')).toEqual(names(String(year), 'x', 1))
  const { entry, socket } = await server.runToEnd(cloudPrompt(zImage, { prefix: '../out' }))
  expect(entry.status.status_str).toBe('error')
  const error = socket.messages.find(({ type }) => type === 'execution_error')
  expect(error?.data.exception_message).toMatch(
    /^\*\*\*\* ERROR: Saving image outside the output folder is not allowed\./,
  )
})

test('a link that leads out of the output folder is of the owner’s making and is followed', async () => {
  const server = await openServer()
  await put(server, 'elsewhere/c.png', red)
  await put(server, 'output/a.png', red)
  await symlink(join(server.dataDir, 'elsewhere'), join(server.dataDir, 'output/linked'))
  expect((await server.get('/view?filename=c.png&subfolder=linked')).status).toBe(200)
})
