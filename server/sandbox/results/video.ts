import { execFile } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

let encoded: Promise<Buffer> | undefined

/** A real two-second H.264 mp4, encoded once a process and at the first need. */
export function videoBytes(): Promise<Buffer> {
  encoded ??= encode()
  return encoded
}

function encode(): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      // `.ts` in a clone, `.js` in the package.
      [fileURLToPath(new URL(`./encode-video${extname(import.meta.url)}`, import.meta.url))],
      { encoding: 'buffer', timeout: 60_000, maxBuffer: 16 * 1024 * 1024 },
      (error, stdout) => {
        if (error) {
          encoded = undefined
          reject(error)
        } else resolve(stdout)
      },
    )
  })
}

/** A video with the head of a box that fills it up to `sizeBytes` and that every player skips (ISO 14496-12: free). */
export function withSkippedBytes(video: Buffer, sizeBytes: number): Buffer {
  const head = Buffer.alloc(16)
  // Size 1 says that the real size follows in 64 bits.
  head.writeUInt32BE(1, 0)
  head.write('free', 4)
  head.writeBigUInt64BE(BigInt(Math.max(16, sizeBytes - video.length)), 8)
  return Buffer.concat([video, head])
}
