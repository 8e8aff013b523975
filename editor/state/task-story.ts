type Note = { readonly at: number; readonly what: string; readonly why?: string | undefined }

export type TaskStory = {
  /** Milliseconds spent in line for a slot. */
  readonly waitedMs: number
  /** How often the create was sent once more. */
  readonly retries: number
  /** Each note with how long it held; the last one of a task that goes on holds still. */
  readonly steps: readonly (Note & { readonly heldMs: number | undefined })[]
}

const waiting = 'waiting for a slot'

/** A task's journal as a story: what came when, how long it held, what was waited for. */
export function taskStory(events: readonly Note[]): TaskStory {
  const steps = events.map((event, at) => {
    const next = events[at + 1]
    return { ...event, heldMs: next && next.at - event.at }
  })
  return {
    waitedMs: steps.filter(({ what }) => what === waiting).reduce((sum, { heldMs = 0 }) => sum + heldMs, 0),
    retries: Math.max(0, events.filter(({ what }) => what === 'submitting').length - 1),
    steps,
  }
}
