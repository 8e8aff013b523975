import { hash } from 'node:crypto'
import { isLoopback } from '../runninghub/index.ts'
import type { Clock } from '../shared/clock.ts'
import type { LaneStore } from './journal.ts'
import type { Site } from './site.ts'

/** All who ask after tasks of one key come to about one question a second (RunningHub: polling). A sandbox on this machine has no such limit. */
const questionSpacingMs = { far: 1_000, near: 20 }

/** Names key and site without telling the key; a hash of 128 bits and more of secret cannot be turned round. */
export function laneOf(site: Pick<Site, 'baseUrl' | 'apiKey'>): string {
  return hash('sha256', `${site.baseUrl}\0${site.apiKey}`, 'base64url').slice(0, 22)
}

/** Takes the next turn to ask after a task of this site's key; how long it is until then. */
export function untilTurnMs(lanes: LaneStore, site: Site, clock: Clock): number {
  const now = clock.now()
  const spacingMs = questionSpacingMs[isLoopback(site.baseUrl) ? 'near' : 'far']
  return lanes.claimQuestion(laneOf(site), now, spacingMs) - now
}
