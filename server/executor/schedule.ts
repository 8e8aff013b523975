import { isPromptLink, type PromptNode } from '../shared/prompt.ts'
import type { Graph } from './graph.ts'

export type Schedule = {
  readonly graph: Graph
  /** The nodes that have to run, sources first; all others are done. */
  readonly toRun: readonly string[]
  /** Those of them that are wanted for their own sake. */
  readonly wanted: readonly string[]
  /** Sources whose value a node may do without, see `asksFor`. */
  lazySourcesOf(nodeId: string): ReadonlySet<string>
  /** Which of its lazy sources a node needs; asked when its other sources are done. */
  asksFor(nodeId: string): readonly string[]
  /** Runs a node; whether it succeeded. Never rejects. */
  run(nodeId: string): Promise<boolean>
  skip(nodeId: string, failedNodeId: string): void
  isStopped(): boolean
}

/**
 * Starts every node as soon as what it needs is there, so independent branches run side by side. A failed node skips only what
 * depends on it; what feeds only lazy inputs that nobody asks for never starts. Nothing recurses deeper than lazy inputs are nested.
 * `drop` ends a node that has not begun, telling of it before of what it skips; answers whether there was such a node.
 */
export function runSchedule(schedule: Schedule): {
  over: Promise<void>
  drop(nodeId: string, tell: () => void): boolean
} {
  const { graph, toRun } = schedule
  const left = new Set(toRun)
  const position = new Map(toRun.map((nodeId, index) => [nodeId, index]))
  const placeOf = (nodeId: string) => position.get(nodeId) ?? 0
  /** Of each node that is to run for sure: the sources it still waits for. */
  const waits = new Map<string, Set<string>>()
  const askers = new Set<string>()
  const lost = new Map<string, string>()
  const begun = new Set<string>()
  let drop = (_nodeId: string) => {}
  const over = new Promise<void>(resolve => {
    let running = 0

    const start = (nodeId: string) => {
      running++
      begun.add(nodeId)
      void schedule.run(nodeId).then(succeeded => {
        left.delete(nodeId)
        if (succeeded) release(nodeId)
        else if (!schedule.isStopped()) skipDependents(nodeId, nodeId)
        if (--running === 0) resolve()
      })
    }

    /** A node waits for nothing more: it runs, unless it has lazy sources to ask for first. */
    const proceed = (nodeId: string) => {
      if (!askers.delete(nodeId)) return start(nodeId)
      const asked = schedule.asksFor(nodeId)
      const open = asked.filter(source => left.has(source))
      waits.set(nodeId, new Set(open))
      wake(open)
      const failed = asked.map(source => lost.get(source)).find(id => id !== undefined)
      if (failed !== undefined) lose(nodeId, failed)
      else if (open.length === 0) start(nodeId)
    }

    const release = (nodeId: string) => {
      if (schedule.isStopped()) return
      for (const consumer of graph.consumersOf(nodeId)) {
        const open = waits.get(consumer)
        if (open?.delete(nodeId) && open.size === 0 && !lost.has(consumer)) proceed(consumer)
      }
    }

    const lose = (nodeId: string, failedNodeId: string) => {
      lost.set(nodeId, failedNodeId)
      left.delete(nodeId)
      schedule.skip(nodeId, failedNodeId)
      skipDependents(nodeId, failedNodeId)
    }

    /** Stops at what was skipped before and at what does not wait for it: no node is looked at twice, none is skipped that can run. */
    const skipDependents = (nodeId: string, failedNodeId: string) => {
      lost.set(nodeId, failedNodeId)
      const open = [nodeId]
      for (let next = open.pop(); next !== undefined; next = open.pop()) {
        for (const consumer of graph.consumersOf(next)) {
          if (lost.has(consumer) || !waits.get(consumer)?.has(next)) continue
          lost.set(consumer, failedNodeId)
          left.delete(consumer)
          schedule.skip(consumer, failedNodeId)
          open.push(consumer)
        }
      }
    }

    /** Puts nodes into the run, with all that feeds them for sure. */
    const wake = (nodeIds: readonly string[]) => {
      const woken: string[] = []
      const open = [...nodeIds]
      for (let next = open.pop(); next !== undefined; next = open.pop()) {
        if (waits.has(next) || !left.has(next)) continue
        const lazy = schedule.lazySourcesOf(next)
        const sources = graph.sourcesOf(next).filter(source => !lazy.has(source))
        if (lazy.size > 0) askers.add(next)
        waits.set(next, new Set(sources.filter(source => left.has(source))))
        woken.push(next)
        open.push(...sources)
      }
      woken.sort((a, b) => placeOf(a) - placeOf(b))
      // Only when all of them wait for something may one of them end.
      for (const nodeId of woken) {
        const failed = graph
          .sourcesOf(nodeId)
          .filter(source => !schedule.lazySourcesOf(nodeId).has(source))
          .map(source => lost.get(source))
          .find(id => id !== undefined)
        if (failed !== undefined && !lost.has(nodeId)) lose(nodeId, failed)
      }
      for (const nodeId of woken) {
        if (waits.get(nodeId)?.size === 0 && !lost.has(nodeId)) proceed(nodeId)
      }
    }

    drop = nodeId => {
      left.delete(nodeId)
      skipDependents(nodeId, nodeId)
    }

    if (!schedule.isStopped()) wake(schedule.wanted.filter(nodeId => left.has(nodeId)))
    if (running === 0) resolve()
  })
  return {
    over,
    drop(nodeId, tell) {
      if (!left.has(nodeId) || begun.has(nodeId)) return false
      tell()
      drop(nodeId)
      return true
    },
  }
}

/** The sources that feed nothing but lazy inputs of a node. */
export function lazySources(node: PromptNode, isLazy: (input: string) => boolean): ReadonlySet<string> {
  const lazy = new Set<string>()
  const needed = new Set<string>()
  for (const [name, value] of Object.entries(node.inputs)) {
    if (isPromptLink(value)) (isLazy(name) ? lazy : needed).add(value[0])
  }
  return lazy.difference(needed)
}
