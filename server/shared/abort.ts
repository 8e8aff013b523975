/** What a person's stop is called when it arrives as an abort reason; never logged or shown as a failure. */
export class InterruptedError extends Error {
  constructor(message = 'stopped') {
    super(message)
    this.name = 'InterruptedError'
  }
}

/** A promise that rejects when the signal is aborted, and a way to stop listening. */
export function rejectOnAbort(signal: AbortSignal): { promise: Promise<never>; release: () => void } {
  let onAbort = () => {}
  const promise = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
  // Whoever races against it may already be done: an unheard rejection must not end the process.
  promise.catch(() => {})
  return { promise, release: () => signal.removeEventListener('abort', onAbort) }
}

/** The reason when this process ends but the work goes on in the next one: nothing is cancelled in the cloud. */
export class HandOverError extends Error {
  constructor(why = 'the server is shutting down; the work goes on after the next start') {
    super(why)
    this.name = 'HandOverError'
  }
}
