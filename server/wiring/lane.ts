import { hash } from 'node:crypto'
import type { Clock } from '../shared/clock.ts'
import type { LaneStore } from './journal.ts'
import type { Site } from './site.ts'

/** All who ask after tasks of one key come to about one question a second (RunningHub: polling). */
const questionSpacingMs = 1_000

/** Names key and site without telling the key; a hash of 128 bits and more of secret cannot be turned round. */
export function laneOf(site: Pick<Site, 'baseUrl' | 'apiKey'>): string {
  return hash('sha256', `${site.baseUrl}\0${site.apiKey}`, 'base64url').slice(0, 22)
}

/** Takes the next turn to ask after a task of this key; how long it is until then. */
export function untilTurnMs(lanes: LaneStore, lane: string, clock: Clock): number {
  const now = clock.now()
  return lanes.claimQuestion(lane, now, questionSpacingMs) - now
}
