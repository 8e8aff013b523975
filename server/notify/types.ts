/** One call on its way out. Times in milliseconds since 1970. */
export type Delivery = {
  /** The `webhook-id` header: the same in every try, so that a receiver knows a repeated one. */
  readonly id: string
  readonly url: string
  /** What it tells of: `run.ended`, `batch.ended`, `ping`. */
  readonly event: string
  readonly body: string
  readonly state: 'waiting' | 'done' | 'failed'
  /** Tries so far. */
  readonly tries: number
  readonly nextAt: number
  readonly createdAt: number
  /** What the last try came to. */
  readonly last: string | null
}

/** What of calls is on disk. */
export type DeliveryStore = {
  add(delivery: Delivery): void
  /** Takes the next that is due in hand until `until`, before other processes on this data folder do. */
  take(now: number, until: number): Delivery | undefined
  end(id: string, how: Pick<Delivery, 'state' | 'tries' | 'nextAt' | 'last'>): void
  find(id: string): Delivery | undefined
  /** When the next is due; undefined when none waits. */
  nextAt(): number | undefined
  /** The newest first. */
  list(limit: number): readonly Delivery[]
  /** Forgets what ended before `olderThan`, and all but the newest `most`. */
  trim(olderThan: number, most: number): void
}
