/** `node scripts/stream.ts [BYTES]`: a big file on its way through everything, and what memory the server takes for it. 2 GB unless told. */
import { measureStream } from './stream/measure.ts'

const bytes = Number(process.argv[2] ?? 2 * 1024 ** 3)
const mebibyte = 1024 * 1024
console.log(`A video of ${Math.round(bytes / mebibyte)} MiB. Node ${process.version}, ${process.platform}.\n`)
const legs = await measureStream(bytes)
const [warm] = legs
for (const { what, seconds, peakBytes } of legs) {
  const grown = peakBytes - (warm?.peakBytes ?? 0)
  const growth = `${Math.round(peakBytes / mebibyte)} MiB at most (+${Math.round(grown / mebibyte)})`
  console.log(`${what.padEnd(40)} ${seconds.toFixed(1).padStart(6)} s   ${growth}`)
}
