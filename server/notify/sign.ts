import { createHmac } from 'node:crypto'

/**
 * The headers by which a receiver knows a call (Standard Webhooks 1.0): an id, the time in seconds, and HMAC-SHA256 over both and the body.
 * `secret`: `whsec_` and base64 as that standard has it, or any text.
 */
export function signatureHeaders(
  { id, body }: { id: string; body: string },
  atMs: number,
  secret: string,
): Record<string, string> {
  const timestamp = String(Math.floor(atMs / 1000))
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret)
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
}
