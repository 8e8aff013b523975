/** Undo and redo over whole snapshots: what a gesture made of the graph, one step each. */
export type History = {
  readonly past: readonly string[]
  readonly present: string
  readonly future: readonly string[]
}

const mostSteps = 200

export function startHistory(present: string): History {
  return { past: [], present, future: [] }
}

/** A step forward; the same snapshot again is none. */
export function recordStep(history: History, present: string): History {
  if (present === history.present) return history
  return { past: [...history.past, history.present].slice(-mostSteps), present, future: [] }
}

export function undoStep(history: History): History {
  const present = history.past.at(-1)
  if (present === undefined) return history
  return { past: history.past.slice(0, -1), present, future: [history.present, ...history.future] }
}

export function redoStep(history: History): History {
  const [present, ...future] = history.future
  if (present === undefined) return history
  return { past: [...history.past, history.present], present, future }
}
