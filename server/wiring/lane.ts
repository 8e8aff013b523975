import { hash } from 'node:crypto'
import type { Site } from './site.ts'

/** Names key and site without telling the key; a hash of 128 bits and more of secret cannot be turned round. */
export function laneOf(site: Site): string {
  return hash('sha256', `${site.baseUrl}\0${site.apiKey}`, 'base64url').slice(0, 22)
}
