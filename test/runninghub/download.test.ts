import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type DownloadOptions, downloadFile } from '../../server/runninghub/download.ts'
import { specialWorkflows } from '../../server/sandbox/index.ts'
import {
  clientFor,
  createFastClock,
  createHastyClock,
  never,
  openCloud,
  openServer,
  sdxl,
  tempFolder,
} from './support.ts'

const content = randomBytes(300_000)
const sha256 = createHash('sha256').update(content).digest('hex')

type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void

/** A file host that answers as told, and a fetch of its file into a folder of its own. */
async function openHost(answer: Answer, more: Partial<DownloadOptions> = {}) {
  const requests: IncomingMessage[] = []
  const baseUrl = await openServer((request, response) => {
    requests.push(request)
    answer(request, response, requests.length)
  })
  const clock = createHastyClock()
  const { transport } = clientFor(baseUrl, clock)
  const folder = await tempFolder()
  const deltas: number[] = []
  const fetchTo = (path: string, url = `${baseUrl}/output/a.png`) =>
    downloadFile(url, path, {
      transport,
      clock,
      signal: never,
      baseUrl,
      maxBytes: 10_000_000,
      onBytes: delta => deltas.push(delta),
      ...more,
    })
  const path = join(folder, 'a.png')
  return { baseUrl, requests, clock, folder, path, deltas, fetchTo, fetch: () => fetchTo(path) }
}

const whole: Answer = (_request, response) => {
  response.writeHead(200, { 'content-length': content.length, etag: '"v1"' }).end(content)
}

/** Promises all and cuts the connection after `bytes`. */
const cutAfter =
  (bytes: number, headers: Record<string, string> = { etag: '"v1"' }): Answer =>
  (_request, response) => {
    response.writeHead(200, { 'content-length': content.length, ...headers })
    response.write(content.subarray(0, bytes), () => response.socket?.destroySoon())
  }

/** The rest from where the Range header asks for it. */
const rest: Answer = (request, response) => {
  const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1])
  response
    .writeHead(206, {
      'content-length': content.length - from,
      'content-range': `bytes ${from}-${content.length - 1}/${content.length}`,
      etag: '"v1"',
    })
    .end(content.subarray(from))
}

const script =
  (...answers: Answer[]): Answer =>
  (request, response, count) =>
    (answers[count - 1] ?? answers.at(-1) ?? whole)(request, response, count)

/** What the next part will be called: its name is drawn, so the draw is fixed for this test. */
async function nextPart(): Promise<string> {
  const drawn = randomUUID()
  const crypto = createRequire(import.meta.url)('node:crypto') as { randomUUID: typeof randomUUID }
  const original = crypto.randomUUID
  crypto.randomUUID = () => drawn
  syncBuiltinESMExports()
  onTestFinished(() => {
    crypto.randomUUID = original
    syncBuiltinESMExports()
  })
  return drawn.slice(0, 8)
}

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0)

describe('a download', () => {
  test('leaves the file, its size and its hash, and no .part', async () => {
    const { fetch, path, folder, deltas } = await openHost(whole)
    expect(await fetch()).toEqual({ sizeBytes: content.length, sha256 })
    expect(content.equals(await readFile(path))).toBe(true)
    expect(await readdir(folder)).toEqual(['a.png'])
    expect(sum(deltas)).toBe(content.length)
  })

  test('of an empty file is an empty file', async () => {
    const { fetch, path } = await openHost((_request, response) => response.end())
    expect(await fetch()).toMatchObject({ sizeBytes: 0 })
    expect(await readFile(path)).toHaveLength(0)
  })

  test('carries no key, no Authorization and no compression', async () => {
    const { fetch, requests } = await openHost(whole)
    await fetch()
    expect(requests[0]?.headers).toMatchObject({ 'accept-encoding': 'identity' })
    expect(requests[0]?.headers.authorization).toBeUndefined()
  })
})

describe('where the host says what the file hashes to', () => {
  const md5 = createHash('md5').update(content).digest('base64')
  const saying =
    (bytes: Buffer): Answer =>
    (_request, response) => {
      response.writeHead(200, { 'content-length': bytes.length, 'content-md5': md5, etag: '"v1"' }).end(bytes)
    }
  const damaged = Buffer.from(content)
  damaged.writeUInt8(damaged.readUInt8(1000) ^ 1, 1000)

  test('a file that is another is fetched again, and one that breaks off is still checked whole', async () => {
    const cut = cutAfter(100_000, { etag: '"v1"', 'content-md5': md5 })
    const { fetch, path, requests, deltas } = await openHost(script(saying(damaged), cut, rest))
    expect(await fetch()).toEqual({ sizeBytes: content.length, sha256 })
    expect(content.equals(await readFile(path))).toBe(true)
    expect(requests).toHaveLength(3)
    expect(sum(deltas)).toBe(content.length)
  })

  test('a file that stays another is given up and leaves nothing', async () => {
    const tried: string[] = []
    const { fetch, folder } = await openHost(saying(damaged), { onRetry: why => tried.push(why) })
    await expect(fetch()).rejects.toMatchObject({ code: 'download-failed' })
    expect(tried.length).toBeGreaterThan(2)
    expect(tried[0]).toContain('not what it says it is')
    expect(await readdir(folder)).toEqual([])
  })
})

describe('after a break', () => {
  test('the rest is asked for by Range, of the same version', async () => {
    const { fetch, path, requests, deltas } = await openHost(script(cutAfter(100_000), rest))
    expect(await fetch()).toEqual({ sizeBytes: content.length, sha256 })
    expect(content.equals(await readFile(path))).toBe(true)
    expect(requests[1]?.headers).toMatchObject({
      range: expect.stringMatching(/^bytes=[1-9]\d+-$/),
      'if-range': '"v1"',
    })
    expect(sum(deltas)).toBe(content.length)
  })

  test('a host that ignores the range is taken from the start', async () => {
    const { fetch, path, deltas } = await openHost(script(cutAfter(100_000), whole))
    expect(await fetch()).toEqual({ sizeBytes: content.length, sha256 })
    expect(content.equals(await readFile(path))).toBe(true)
    expect(sum(deltas)).toBe(content.length)
  })

  test('another part than was asked for is not glued on', async () => {
    const wrong: Answer = (_request, response) => {
      const range = `bytes 5-${content.length - 1}/${content.length}`
      response.writeHead(206, { 'content-range': range }).end(content.subarray(5))
    }
    const { fetch, path } = await openHost(script(cutAfter(100_000), wrong, whole))
    expect(await fetch()).toEqual({ sizeBytes: content.length, sha256 })
    expect(content.equals(await readFile(path))).toBe(true)
  })

  test('416 starts over', async () => {
    const beyond: Answer = (_request, response) => response.writeHead(416).end()
    const { fetch } = await openHost(script(cutAfter(100_000), beyond, whole))
    expect(await fetch()).toEqual({ sizeBytes: content.length, sha256 })
  })

  test('a file that is shorter than promised is not taken for whole', async () => {
    const { fetch, folder } = await openHost(cutAfter(content.length - 1))
    await expect(fetch()).rejects.toMatchObject({ code: 'download-failed', askAgain: true })
    expect(await readdir(folder)).toEqual([])
  })

  test('502, 503 and resets are waited for with growing pauses', async () => {
    const bad =
      (status: number): Answer =>
      (_request, response) =>
        response.writeHead(status).end('<html>')
    const reset: Answer = request => request.socket.resetAndDestroy()
    const { fetch, clock } = await openHost(script(bad(502), reset, bad(503), whole))
    expect(await fetch()).toMatchObject({ sha256 })
    expect(clock.sleeps).toEqual([500, 1000, 2000])
  })

  test('a slow host that gets on a little each time is never given up', async () => {
    let sent = 0
    const dribble: Answer = (request, response) => {
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? 'bytes=0-')?.[1])
      const to = Math.min(content.length, from + 25_000)
      sent++
      response.writeHead(from === 0 ? 200 : 206, {
        'content-length': content.length - from,
        ...(from > 0 && { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` }),
      })
      response.write(content.subarray(from, to), () => response.socket?.destroySoon())
    }
    const { fetch } = await openHost(dribble)
    expect(await fetch()).toEqual({ sizeBytes: content.length, sha256 })
    expect(sent).toBeGreaterThan(10)
  })

  test('a host that is silent for 30 s is asked again', async () => {
    const clock = createFastClock(100)
    const silent: Answer = (_request, response) => {
      response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 1000))
    }
    const host = await openHost(script(silent, whole), { clock })
    const before = clock.now()
    expect(await host.fetch()).toMatchObject({ sha256 })
    expect(clock.now() - before).toBeGreaterThanOrEqual(30_000)
  })
})

describe('what is not fetched', () => {
  test('a file beyond the limit, as its length says', async () => {
    const { fetch, folder } = await openHost(whole, { maxBytes: 1000 })
    await expect(fetch()).rejects.toMatchObject({ code: 'result-too-big' })
    expect(await readdir(folder)).toEqual([])
  })

  test('a file beyond the limit that names no length', async () => {
    const { fetch, folder, deltas } = await openHost(
      (_request, response) => {
        response.writeHead(200, { 'transfer-encoding': 'chunked' })
        response.end(content)
      },
      { maxBytes: 70_000 },
    )
    await expect(fetch()).rejects.toMatchObject({ code: 'result-too-big' })
    expect(await readdir(folder)).toEqual([])
    expect(sum(deltas)).toBeLessThan(content.length)
  })

  test.each([
    ['a page', '<!DOCTYPE html><html><body>Link expired</body></html>'],
    ['a page after blanks', '\n  <html>busy</html>'],
    ['an error in XML', '<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code></Error>'],
  ])(
    '%s with HTTP 200 is no picture: it may be early, and when it stays the file has expired',
    async (_what, page) => {
      const busy: Answer = (_request, response) =>
        response.writeHead(200, { 'content-length': page.length }).end(page)
      const early = await openHost(script(busy, busy, whole), { type: 'png' })
      expect(await early.fetch()).toMatchObject({ sha256 })
      const gone = await openHost(busy, { type: 'png' })
      await expect(gone.fetch()).rejects.toMatchObject({
        code: 'result-expired',
        message: expect.stringContaining('web page'),
      })
      expect(await readdir(gone.folder)).toEqual([])
    },
  )

  test('a page that is the result is taken', async () => {
    const page = '<html>the result</html>'
    const { fetch } = await openHost((_request, response) => response.end(page), { type: 'html' })
    expect(await fetch()).toMatchObject({ sizeBytes: page.length })
  })

  test.each([[403], [410]])('HTTP %i: it has expired, and is not asked for again', async status => {
    const { fetch, requests, folder } = await openHost((_request, response) =>
      response.writeHead(status).end(),
    )
    await expect(fetch()).rejects.toMatchObject({
      code: 'result-expired',
      hint: expect.stringContaining('24 hours'),
    })
    expect(requests).toHaveLength(1)
    expect(await readdir(folder)).toEqual([])
  })

  test('HTTP 404 may be early; when it stays, the file has expired', async () => {
    const missing: Answer = (_request, response) => response.writeHead(404).end()
    const early = await openHost(script(missing, missing, whole))
    expect(await early.fetch()).toMatchObject({ sha256 })
    const gone = await openHost(missing)
    await expect(gone.fetch()).rejects.toMatchObject({ code: 'result-expired' })
    expect(gone.requests).toHaveLength(6)
    expect(sum(gone.clock.sleeps)).toBe(15_500)
  })

  test.each([
    ['http://127.0.0.1/x', 'https://www.runninghub.cn', false],
    ['http://localhost:8080/x', 'https://www.runninghub.cn', false],
    ['http://localhost./x', 'https://www.runninghub.cn', false],
    ['http://a.localhost/x', 'https://www.runninghub.cn', false],
    ['http://2130706433/x', 'https://www.runninghub.cn', false],
    ['http://0.0.0.0/x', 'https://www.runninghub.cn', false],
    ['http://10.1.2.3/x', 'https://www.runninghub.cn', false],
    ['http://172.20.0.1/x', 'https://www.runninghub.cn', false],
    ['http://192.168.1.1/x', 'https://www.runninghub.cn', false],
    ['http://169.254.169.254/latest/meta-data', 'https://www.runninghub.cn', false],
    ['http://100.100.100.200/x', 'https://www.runninghub.cn', false],
    ['http://[::1]/x', 'https://www.runninghub.cn', false],
    ['http://[::]/x', 'https://www.runninghub.cn', false],
    ['http://[::ffff:127.0.0.1]/x', 'https://www.runninghub.cn', false],
    ['http://[::ffff:10.0.0.1]/x', 'https://www.runninghub.cn', false],
    ['http://[fd12::1]/x', 'https://www.runninghub.cn', false],
    ['http://[fe80::1]/x', 'https://www.runninghub.cn', false],
    ['file:///etc/passwd', 'https://www.runninghub.cn', false],
    ['ftp://example.com/x', 'https://www.runninghub.cn', false],
    ['data:text/plain,x', 'http://127.0.0.1:8189', false],
    ['not an address', 'https://www.runninghub.cn', false],
    ['http://127.0.0.1:8080/x', 'http://192.168.1.5:8189', false],
    ['http://192.168.1.5:8189/x', 'http://192.168.1.5:8189', true],
    ['http://127.0.0.1:8189/x', 'http://localhost:8189', true],
    ['https://rh-images.xiaoyaoyou.com/x', 'https://www.runninghub.cn', true],
    ['http://11.1.2.3/x', 'https://www.runninghub.cn', true],
    ['https://[2606:4700::1111]/x', 'https://www.runninghub.cn', true],
  ])('%s, named by %s, is fetched: %s', async (url, baseUrl, isFetched) => {
    const folder = await tempFolder()
    const asked: string[] = []
    const work = downloadFile(url, join(folder, 'x'), {
      transport: {
        dispatcherFor: address => {
          asked.push(address)
          throw Object.assign(new Error('no network in this test'), { code: 'ECONNREFUSED' })
        },
      },
      clock: createHastyClock(),
      signal: never,
      baseUrl,
      maxBytes: 1000,
      onBytes: () => {},
    })
    await expect(work).rejects.toMatchObject({ code: isFetched ? 'download-failed' : 'result-refused' })
    expect(asked.length > 0).toBe(isFetched)
    expect(await readdir(folder)).toEqual([])
  })
})

describe('the disk', () => {
  test('a folder that is none is told as a disk error, without a stack', async () => {
    const { fetchTo, folder, requests } = await openHost(whole)
    await writeFile(join(folder, 'file'), '')
    await expect(fetchTo(join(folder, 'file', 'a.png'))).rejects.toMatchObject({
      code: 'disk',
      message: expect.stringContaining('ENOTDIR'),
    })
    expect(requests).toEqual([])
  })

  test('a full disk is told as such and leaves nothing behind', async () => {
    const { fetch, path, folder, requests } = await openHost(whole)
    await symlink('/dev/full', `${path}.${await nextPart()}.part`)
    await expect(fetch()).rejects.toMatchObject({ code: 'disk', message: expect.stringContaining('ENOSPC') })
    expect(await readdir(folder)).toEqual([])
    expect(requests).toHaveLength(1)
  })

  test('a name that is taken by a folder leaves no .part behind', async () => {
    const { fetch, path, folder } = await openHost(whole)
    await mkdir(join(path, 'inside'), { recursive: true })
    await expect(fetch()).rejects.toMatchObject({ code: 'disk' })
    expect(await readdir(folder)).toEqual(['a.png'])
  })

  test('a name that is too long is told as a disk error', async () => {
    const { fetchTo, folder } = await openHost(whole)
    await expect(fetchTo(join(folder, 'n'.repeat(300)))).rejects.toMatchObject({
      code: 'disk',
      message: expect.stringContaining('ENAMETOOLONG'),
    })
  })

  test('a part that an earlier crash left goes; one that grows beside it stays', async () => {
    const { fetch, path, folder, clock } = await openHost(whole)
    for (const name of ['left', 'grows']) await writeFile(`${path}.${name}.part`, randomBytes(500))
    const longAgo = new Date(clock.now() - 2 * 3600_000)
    await utimes(`${path}.left.part`, longAgo, longAgo)
    await utimes(`${path}.grows.part`, new Date(clock.now()), new Date(clock.now()))
    expect(await fetch()).toEqual({ sizeBytes: content.length, sha256 })
    expect(content.equals(await readFile(path))).toBe(true)
    expect(await readdir(folder)).toEqual(['a.png', 'a.png.grows.part'])
  })
})

describe('a stop', () => {
  test('before the start fetches nothing', async () => {
    const { fetch, requests, folder } = await openHost(whole, { signal: AbortSignal.abort('before') })
    await expect(fetch()).rejects.toBe('before')
    expect(requests).toEqual([])
    expect(await readdir(folder)).toEqual([])
  })

  test('in the middle takes the half file away', async () => {
    const stop = new AbortController()
    const { fetch, folder } = await openHost(
      (_request, response) => {
        response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 1000))
      },
      { signal: stop.signal, onBytes: () => stop.abort('stopped') },
    )
    await expect(fetch()).rejects.toBe('stopped')
    expect(await readdir(folder)).toEqual([])
  })
})

describe('from the sandbox', () => {
  const resultOf = async (targetId: string) => {
    const cloud = await openCloud({ clock: createFastClock(50) })
    const { events } = await cloud.runToEnd(targetId)
    const last = events.at(-1)
    const folder = await tempFolder()
    const options = {
      transport: cloud.transport,
      clock: createHastyClock(),
      signal: never,
      baseUrl: cloud.baseUrl,
      maxBytes: 100_000_000,
      onBytes: () => {},
    }
    return { ...cloud, files: last?.type === 'done' ? last.files : [], folder, options }
  }

  test('a cut file is resumed to its last byte', async () => {
    const { files, folder, options, sandbox, requests } = await resultOf(sdxl)
    const url = files[0]?.url ?? ''
    const straight = await downloadFile(url, join(folder, 'a'), options)
    sandbox.addFaults([{ on: 'file', times: 2, do: { kind: 'truncate', afterBytes: 1000 } }])
    expect(await downloadFile(url, join(folder, 'b'), options)).toEqual(straight)
    expect(await readFile(join(folder, 'a'))).toEqual(await readFile(join(folder, 'b')))
    expect(requests('.png').map(({ status }) => status)).toEqual([200, 200, 206, 206])
  })

  test.each([['expiredFile'], ['forbiddenFile']] as const)('%s is told as expired', async name => {
    const { files, folder, options } = await resultOf(specialWorkflows[name].id)
    const work = downloadFile(files[0]?.url ?? '', join(folder, 'a'), options)
    await expect(work).rejects.toMatchObject({ code: 'result-expired' })
  })

  test('an empty result is an empty file', async () => {
    const { files, folder, options } = await resultOf(specialWorkflows.emptyFile.id)
    expect(await downloadFile(files[0]?.url ?? '', join(folder, 'a'), options)).toMatchObject({
      sizeBytes: 0,
    })
  })
})
