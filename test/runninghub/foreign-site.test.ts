import type { lookup } from 'node:dns'
import { writeFile } from 'node:fs/promises'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { downloadFile } from '../../server/runninghub/download.ts'
import { followTask, uploadLora } from '../../server/runninghub/index.ts'
import { clientFor, createFastClock, createHastyClock, never, openServer, tempFolder } from './support.ts'

/** All names lead to this machine, as whoever owns a name may make it. */
function pointNamesHere(): void {
  const dns = createRequire(import.meta.url)('node:dns') as { lookup: typeof lookup }
  const original = dns.lookup
  dns.lookup = ((name: string, options: object, callback: (...given: unknown[]) => void) => {
    const address = { address: '127.0.0.1', family: 4 }
    if (!name.endsWith('.example')) original(name, options, callback as never)
    else if ('all' in options && options.all) callback(null, [address])
    else callback(null, address.address, address.family)
  }) as typeof lookup
  syncBuiltinESMExports()
  onTestFinished(() => {
    dns.lookup = original
    syncBuiltinESMExports()
  })
}

async function open() {
  pointNamesHere()
  const paths: string[] = []
  const inside = await openServer((request, response) => {
    paths.push(`${request.method} ${request.url}`)
    request.resume()
    response.end('of the inside')
  })
  const { port } = new URL(inside)
  const clock = createHastyClock()
  const baseUrl = `http://rh.example:${port}`
  const { client, transport } = clientFor(baseUrl, clock)
  return { paths, port, clock, client, transport, baseUrl, folder: await tempFolder() }
}

test('what a foreign site names is not fetched from inside, whatever its name', async () => {
  const { port, paths, folder, baseUrl, clock, transport } = await open()
  const fetch = (url: string, isForeign: boolean, from = baseUrl) =>
    downloadFile(url, join(folder, 'a.txt'), {
      ...{ transport, clock, isForeign, baseUrl: from, signal: never, maxBytes: 1000 },
      onBytes: () => {},
    })
  const elsewhere = `http://files.example:${port}/secret`
  await expect(fetch(elsewhere, true)).rejects.toMatchObject({ code: 'result-refused' })
  // Another port of the same name is another place.
  await expect(fetch(`${baseUrl}/secret`, true, 'http://rh.example:1')).rejects.toMatchObject({
    code: 'result-refused',
  })
  expect(paths).toEqual([])
  // A site one has named oneself may have its files wherever it likes, and any site at its own place.
  await fetch(elsewhere, false)
  await fetch(`${baseUrl}/own`, true)
  expect(paths).toEqual(['GET /secret', 'GET /own'])
})

test('nor is a LoRA sent there', async () => {
  const { port, paths, folder, baseUrl, clock, transport } = await open()
  const path = join(folder, 'a.safetensors')
  await writeFile(path, 'weights')
  const client = {
    baseUrl,
    loraUploadUrl: async () => ({ fileName: 'a', url: `http://files.example:${port}/put` }),
  }
  const lora = { path, name: 'a.safetensors', mediaType: 'application/octet-stream', sizeBytes: 7 }
  const send = (isForeign: boolean) =>
    uploadLora(lora, {
      ...{ client, transport, clock, isForeign, signal: never },
      onRead: () => {},
      onProgress: () => {},
    })
  await expect(send(true)).rejects.toThrow()
  expect(paths).toEqual([])
  await send(false)
  expect(paths).toEqual(['PUT /put'])
})

test.each([
  [(port: string) => `ws://127.0.0.1:${port}/ws`, false, false],
  [(port: string) => `ws://files.example:${port}/ws`, true, false],
  [(port: string) => `ws://files.example:${port}/ws`, false, true],
])('a progress socket is listened to no more there: %#', async (addressOf, isForeign, isOpened) => {
  const { port, paths, client, transport } = await open()
  const clock = createFastClock(50)
  const news: string[] = []
  let asked = 0
  const events = followTask('1', {
    ...{ client, transport, clock, isForeign, signal: never, patienceMs: 60_000 },
    socketUrl: addressOf(port),
    async ask() {
      // Time for a connection to be made.
      await fetch(`http://127.0.0.1:${port}/ask`)
      return asked++ < 3
        ? { state: 'running' }
        : {
            state: 'done',
            files: [],
            texts: ['x'],
            cost: { coins: null, money: null, thirdPartyMoney: null, seconds: null },
          }
    },
  })
  for await (const { type } of events) news.push(type)
  expect(news.at(-1)).toBe('done')
  expect(paths.includes('GET /ws')).toBe(isOpened)
})
