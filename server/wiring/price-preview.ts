import { hash } from 'node:crypto'
import { createRunningHubClient, type Transport } from '../runninghub/index.ts'
import { type Clock, withDeadline } from '../shared/clock.ts'
import { writeJson } from '../shared/lossless-json.ts'
import { laneOf } from './lane.ts'
import type { Site } from './site.ts'

export type PreviewedPrice = { readonly amount: number; readonly currency: string }

/** An estimate is looked at while somebody works: a site that is slow to answer is one that says nothing. */
const askMs = 3_000
/** Prices change by the month; a key's free calls by the call. */
const lifeMs = 60_000
/** A site that said nothing is not asked again at each keystroke. */
const silenceMs = 20_000
const mostKept = 500

/** What standard models would cost, as their site foretells it. Undefined when it says nothing; never throws. */
export function createPricePreview(options: { readonly transport: Transport; readonly clock: Clock }) {
  const { transport, clock } = options
  const kept = new Map<string, { price: Promise<PreviewedPrice | undefined>; until: number }>()

  async function ask(site: Site, endpoint: string, body: object): Promise<PreviewedPrice | undefined> {
    const client = createRunningHubClient({ transport, clock, baseUrl: site.baseUrl, apiKey: site.apiKey })
    const found = await withDeadline(clock, askMs, undefined, signal =>
      client.pricePreview(endpoint, body, signal),
    )
    const amount = found && (found.isFree ? 0 : Number(found.price))
    return found && Number.isFinite(amount) ? { amount: Number(amount), currency: found.currency } : undefined
  }

  return async (site: Site, endpoint: string, body: object): Promise<PreviewedPrice | undefined> => {
    const key = hash('sha256', [laneOf(site), endpoint, writeJson(body)].join('\0'), 'base64url')
    const known = kept.get(key)
    if (known && known.until > clock.ticks()) return known.price
    const entry = {
      price: ask(site, endpoint, body).catch(() => undefined),
      until: clock.ticks() + lifeMs,
    }
    kept.set(key, entry)
    for (const oldest of kept.keys()) {
      if (kept.size <= mostKept) break
      kept.delete(oldest)
    }
    const price = await entry.price
    if (!price) entry.until = clock.ticks() + silenceMs
    return price
  }
}
