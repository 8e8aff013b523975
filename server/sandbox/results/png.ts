import { crc32 } from 'node:zlib'

/** Length of the signature and the IHDR chunk, which must stay first. */
const afterHeader = 8 + 25

/** The PNG with a tEXt chunk behind its header, where ComfyUI keeps `prompt`. `value` must be Latin-1. */
export function withPngText(png: Buffer, keyword: string, value: string): Buffer {
  return insert(png, 'tEXt', Buffer.from(`${keyword}\0${value}`, 'latin1'))
}

/** The PNG grown to exactly `sizeBytes` by a private chunk that readers skip. */
export function paddedPng(png: Buffer, sizeBytes: number, fill: number): Buffer {
  const padding = sizeBytes - png.length - 12
  return padding < 0 ? png : insert(png, 'ruFf', Buffer.alloc(padding, fill & 0xff))
}

function insert(png: Buffer, type: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([png.subarray(0, afterHeader), length, body, check, png.subarray(afterHeader)])
}
