import type { IncomingMessage } from 'node:http'

const longestJson = 8 * 1024 * 1024

/** The body as text; `too-big` beyond 8 MB, after which the rest is read and dropped. */
export async function readText(request: IncomingMessage): Promise<string | 'too-big'> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size <= longestJson) chunks.push(chunk)
    else {
      chunks.length = 0
      if (size > 8 * longestJson) break
    }
  }
  return size > longestJson ? 'too-big' : Buffer.concat(chunks).toString('utf8')
}
