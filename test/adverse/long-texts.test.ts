import { deflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { nameOfRow } from '../../server/batch/index.ts'
import { checkLiteral } from '../../server/executor/literals.ts'
import { normaliseBaseUrl } from '../../server/runninghub/index.ts'
import { parseJson, writeJson } from '../../server/shared/lossless-json.ts'
import { readWebp } from '../../server/workflow/embedded/webp.ts'
import { readPngTexts } from '../../server/workflow/png-text.ts'
import { cpuTime } from '../support/cpu-time.ts'

/** What would be tried at each of so many places. */
const long = (sign: string) => `x${sign.repeat(300_000)}x`

function webp(entries: number, text: Buffer): Buffer {
  const head = Buffer.alloc(8 + 2 + entries * 12 + 4)
  head.write('II')
  head.writeUInt16LE(42, 2)
  head.writeUInt32LE(8, 4)
  head.writeUInt16LE(entries, 8)
  for (let index = 0; index < entries; index++) {
    const at = 10 + index * 12
    head.writeUInt16LE(0x0110, at)
    head.writeUInt16LE(2, at + 2)
    head.writeUInt32LE(text.length, at + 4)
    head.writeUInt32LE(head.length, at + 8)
  }
  const exif = Buffer.concat([head, text, Buffer.alloc(text.length % 2)])
  const size = Buffer.alloc(8)
  size.writeUInt32LE(exif.length + 12, 0)
  size.writeUInt32LE(exif.length, 4)
  return Buffer.concat([
    ...[Buffer.from('RIFF'), size.subarray(0, 4), Buffer.from('WEBPEXIF'), size.subarray(4)],
    exif,
  ])
}

/** A PNG of texts that unpack to a thousand times their size. */
function png(texts: number): Buffer {
  const packed = deflateSync(Buffer.alloc(8_000_000, 'x'))
  const body = Buffer.concat([Buffer.from('zTXtprompt\0\0'), packed])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length - 4)
  const chunk = Buffer.concat([length, body, Buffer.alloc(4)])
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([signature, ...Array.from({ length: texts }, () => chunk)])
}

test.each<[string, () => unknown]>([
  ['an address of slashes', () => normaliseBaseUrl(`https://x/${long('/')}`)],
  ['a name of dots', () => nameOfRow('{a}', { a: long('.') }, 0)],
  ['a number in a text', () => checkLiteral('n', integer, '9'.repeat(4_000_000), { checkList: true })],
  ['a number in JSON', () => writeJson(parseJson(`{"n":${'9'.repeat(4_000_000)}}`))],
  ['a picture with a text of nothing', () => [...readWebp(webp(1, Buffer.from(`prompt:${long('\0')}`)))]],
  [
    'a picture that names the same text again and again',
    () => [...readWebp(webp(60_000, Buffer.from(`a:${long('b')}`)))],
  ],
  ['a picture that holds the same packed text again and again', () => readPngTexts(png(300), 8_000_000)],
])('%s is read in no time', (_, work) => {
  const spent = cpuTime()
  work()
  expect(spent()).toBeLessThan(6000)
})

const integer = {
  spec: 'INT',
  options: {},
  optional: false,
  widget: true,
  secret: false,
  inert: false,
  acceptsLinks: [],
} as const

test('a number as long as Python takes it keeps its digits', () => {
  const digits = '9'.repeat(4300)
  expect(writeJson(parseJson(`[${digits}]`))).toBe(`[${digits}]`)
})
