/**
 * The line in front of a key: never more tasks at once than its limit, first come first served, and an interrupt frees its place
 * at once. A lane is a key on a site; whoever owns the line (the wiring) knows the other processes.
 */
export type Slots = {
  /** Resolves when a slot of `lane` is free to whoever waits first. The function it gives frees the slot; call it once. */
  acquire(
    lane: string,
    limit: number,
    signal: AbortSignal,
    onWait: (busy: number, limit: number) => void,
  ): Promise<() => void>
}
