import { createHash, randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { uploadFile } from '../../server/runninghub/index.ts'
import { maxUploadBytes } from '../../server/runninghub/upload.ts'
import type { FaultAction } from '../../server/sandbox/index.ts'
import { systemClock } from '../../server/shared/clock.ts'
import { createHastyClock, key, never, openCloud, tempFolder } from './support.ts'

const content = randomBytes(600_000)
const sha256 = createHash('sha256').update(content).digest('hex')

async function openUpload(faults: FaultAction[] = [], name = 'a.png') {
  const clock = createHastyClock()
  const cloud = await openCloud({
    clock,
    sandboxClock: systemClock,
    faults: faults.map(action => ({ on: 'upload', do: action })),
  })
  const path = join(await tempFolder(), 'a.png')
  await writeFile(path, content)
  const file = { path, name, mediaType: 'image/png', sizeBytes: content.length }
  const progress: number[] = []
  const options = {
    transport: cloud.transport,
    clock,
    baseUrl: cloud.baseUrl,
    apiKey: key,
    signal: never,
    onProgress: (sent: number) => progress.push(sent),
  }
  const upload = (more: object = {}, changed: Partial<typeof file> = {}) =>
    uploadFile({ ...file, ...changed }, { ...options, ...more })
  const paths = () => cloud.sandbox.requests().map(request => request.path)
  return { ...cloud, clock, progress, upload, paths }
}

const newer = '/openapi/v2/media/upload/binary'
const old = '/task/openapi/upload'

describe('the newer call', () => {
  test('takes the file byte for byte and names it after its content', async () => {
    const { upload, paths, progress, sandbox } = await openUpload()
    const { fileName, url } = await upload()
    expect(fileName).toBe(`openapi/${sha256}.png`)
    const back = Buffer.from(await (await fetch(url ?? '')).arrayBuffer())
    expect(createHash('sha256').update(back).digest('hex')).toBe(sha256)
    expect(paths()[0]).toBe(newer)
    expect(progress.at(-1)).toBe(content.length)
    expect(progress).toEqual([...progress].sort((a, b) => a - b))
    expect(sandbox.requests()[0]?.headers.authorization).toBe(`Bearer ${key}`)
  })

  test.each([['图片 "1".png'], ['a\r\nb.png'], ['../../x.png'], [`${'long'.repeat(100)}.png`]])(
    'survives the name %j',
    async name => {
      const { upload } = await openUpload([], name)
      expect((await upload()).fileName).toBe(`openapi/${sha256}.png`)
    },
  )

  test.each<[string, FaultAction]>([
    ['502', { kind: 'http', status: 502 }],
    ['a reset', { kind: 'reset' }],
    ['808', { kind: 'code', code: 808, msg: 'APIKEY_UPLOAD_FAILED' }],
    ['garbage', { kind: 'garbage' }],
    ['a lost answer', { kind: 'commit-then-reset' }],
    ['a spurious 401', { kind: 'http', status: 401, body: '{"code":-1,"msg":"ApiKey verification failed"}' }],
  ])('is repeated after %s, because an upload costs nothing', async (_what, fault) => {
    const { upload, paths, clock } = await openUpload([fault])
    expect((await upload()).fileName).toContain(sha256)
    expect(paths()).toEqual([newer, newer])
    expect(clock.sleeps).toEqual([1000])
  })

  test('is tried three times and no more', async () => {
    const { upload, paths, clock } = await openUpload(
      Array.from({ length: 9 }, () => ({ kind: 'http', status: 502 })),
    )
    await expect(upload()).rejects.toMatchObject({ code: 'cloud-http-502' })
    expect(paths()).toEqual([newer, newer, newer])
    expect(clock.sleeps).toEqual([1000, 2000])
  })
})

describe('the old call', () => {
  test.each<[string, FaultAction, number]>([
    ['HTTP 404', { kind: 'http', status: 404 }, 1],
    ['HTTP 401', { kind: 'http', status: 401 }, 1],
    ['HTTP 401 with code -1, three times', { kind: 'http', status: 401, body: '{"code":-1,"msg":"no"}' }, 3],
    [
      'HTTP 404 in the words of a framework',
      { kind: 'http', status: 404, body: '{"status":404,"error":"Not Found"}' },
      1,
    ],
    ['code 401', { kind: 'code', code: 401, msg: 'ApiKey verification failed' }, 1],
    ['code 412', { kind: 'code', code: 412, msg: 'TOKEN_INVALID' }, 1],
    ['code 1001', { kind: 'code', code: 1001, msg: 'Invalid URL' }, 1],
  ])('stands in after %s', async (_what, fault, times) => {
    const { upload, paths } = await openUpload(Array.from({ length: times }, () => fault))
    expect(await upload()).toEqual({ fileName: `api/${sha256}.png`, url: null })
    expect(paths()).toEqual([...Array.from({ length: times }, () => newer), old])
  })

  test('does not stand in for a file that is too big for both', async () => {
    const { upload, paths } = await openUpload([
      { kind: 'code', code: 809, msg: 'APIKEY_FILE_SIZE_EXCEEDED' },
    ])
    await expect(upload()).rejects.toMatchObject({ cloudCode: 809 })
    expect(paths()).toEqual([newer])
  })

  test('tells of a key that neither call knows, and quotes it nowhere', async () => {
    const { upload } = await openUpload()
    const apiKey = 'invalid0123456789abcdef012345678'
    const error: unknown = await upload({ apiKey }).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ cloudCode: 802, hint: expect.stringContaining('key') })
    expect(String(error)).not.toContain(apiKey)
  })
})

describe('what is not sent', () => {
  test('a file of more than 30 MB', async () => {
    const { upload, paths } = await openUpload()
    await expect(upload({}, { sizeBytes: maxUploadBytes + 1 })).rejects.toMatchObject({
      code: 'upload-too-big',
      message: '"a.png" has 30.0 MB; RunningHub takes 30 MB at most.',
    })
    expect(paths()).toEqual([])
  })

  test('an empty file', async () => {
    const { upload, paths } = await openUpload()
    await expect(upload({}, { sizeBytes: 0 })).rejects.toMatchObject({ code: 'upload-empty' })
    expect(paths()).toEqual([])
  })

  test('anything after a stop', async () => {
    const { upload, paths } = await openUpload()
    await expect(upload({ signal: AbortSignal.abort('before') })).rejects.toBe('before')
    expect(paths()).toEqual([])
  })
})

test('a stop during an upload that hangs ends it at once', async () => {
  const stop = new AbortController()
  const { upload, paths } = await openUpload([{ kind: 'hang' }])
  const sent = upload({
    signal: stop.signal,
    onProgress: (bytes: number) => bytes > 0 && stop.abort('stopped'),
  })
  await expect(sent).rejects.toBe('stopped')
  expect(paths().length).toBeLessThanOrEqual(1)
})
