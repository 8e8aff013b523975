/**
 * Ends waits when a signal is aborted, with one listener for all of them: a signal's own list is walked for each listener that comes or
 * goes, which thousands of nodes side by side would feel.
 */
export function createStop(signal: AbortSignal): {
  /** What `work` gives, or a rejection with the signal's reason as soon as it is aborted; `work` itself may go on. */
  race<T>(work: Promise<T>): Promise<T>
  release(): void
} {
  const waiting = new Set<(reason: unknown) => void>()
  const onAbort = () => {
    for (const stop of waiting) stop(signal.reason)
  }
  signal.addEventListener('abort', onAbort, { once: true })
  return {
    async race<T>(work: Promise<T>): Promise<T> {
      const { promise, resolve, reject } = Promise.withResolvers<T>()
      work.then(resolve, reject)
      if (signal.aborted) reject(signal.reason)
      waiting.add(reject)
      try {
        return await promise
      } finally {
        waiting.delete(reject)
      }
    },
    release: () => signal.removeEventListener('abort', onAbort),
  }
}
