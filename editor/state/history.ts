/** Undo and redo over whole snapshots: what a gesture made of something, one step each. */
export type History<T = string> = {
  readonly past: readonly T[]
  readonly present: T
  readonly future: readonly T[]
}

const mostSteps = 200

export function startHistory<T>(present: T): History<T> {
  return { past: [], present, future: [] }
}

/** A step forward; the same snapshot again is none. */
export function recordStep<T>(history: History<T>, present: T): History<T> {
  if (present === history.present) return history
  return { past: [...history.past, history.present].slice(-mostSteps), present, future: [] }
}

export function undoStep<T>(history: History<T>): History<T> {
  const present = history.past.at(-1)
  if (present === undefined) return history
  return { past: history.past.slice(0, -1), present, future: [history.present, ...history.future] }
}

export function redoStep<T>(history: History<T>): History<T> {
  const [present, ...future] = history.future
  if (present === undefined) return history
  return { past: [...history.past, history.present], present, future }
}
