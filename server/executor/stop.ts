/**
 * The stops of a run: of all its nodes at once by the run's signal, or of one. One listener for all nodes: a signal's own list is walked
 * for each listener that comes or goes, which thousands of nodes side by side would feel.
 */
export function createStops(runSignal: AbortSignal) {
  const running = new Map<string, AbortController>()
  const onAbort = () => {
    for (const controller of running.values()) controller.abort(runSignal.reason)
  }
  runSignal.addEventListener('abort', onAbort, { once: true })
  return {
    /** What `work` gives, or a rejection with the reason as soon as the node is stopped; `work` itself may go on. */
    async race<T>(nodeId: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
      const { promise, resolve, reject } = Promise.withResolvers<T>()
      const controller = new AbortController()
      const { signal } = controller
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      if (runSignal.aborted) controller.abort(runSignal.reason)
      running.set(nodeId, controller)
      work(signal).then(resolve, reject)
      try {
        return await promise
      } finally {
        running.delete(nodeId)
      }
    },
    /** Answers whether the node was running. */
    stop(nodeId: string, reason: Error): boolean {
      const controller = running.get(nodeId)
      if (!controller || controller.signal.aborted) return false
      controller.abort(reason)
      return true
    },
    release: () => runSignal.removeEventListener('abort', onAbort),
  }
}
