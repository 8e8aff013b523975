import type { Progress } from '../../nodes/context.ts'
import { formatBytes, printable } from './print.ts'
import { counted, told, word } from './words/index.ts'

/** What a node is doing, in words; without the bar. */
export function progressText(progress: Progress): string {
  const { phase, label, done, of, nodesDone, nodesTotal, bytes } = progress
  const name = label === undefined ? '' : printable(told(label))
  switch (phase) {
    case 'waiting-slot':
      return `${word('doing.slot')}${name && ` · ${name}`}`
    case 'uploading':
      return `${word('doing.uploading', { name })}${
        done !== undefined && of !== undefined
          ? ` · ${word('doing.of', { done: formatBytes(done), of: formatBytes(of) })}`
          : ''
      }`
    case 'submitting':
      return word('doing.sending')
    case 'queued':
      return word('doing.queued')
    case 'running': {
      const step = done !== undefined && of !== undefined ? ` ${done}/${of}` : ''
      const nodes =
        nodesTotal !== undefined
          ? ` · ${word('doing.of', { done: nodesDone ?? 0, of: counted(nodesTotal, 'node') })}`
          : nodesDone
            ? ` · ${word('doing.nodesDone', { nodes: counted(nodesDone, 'node') })}`
            : ''
      return `${name ? `${name}${step}` : word('doing.running')}${nodes}`
    }
    case 'downloading':
      return `${word('doing.downloading', { done: done ?? 0, of: of ?? 0 })}${bytes ? ` · ${formatBytes(bytes)}` : ''}`
    case 'unknown-create':
      return word('doing.unknown')
    case 'working':
      return name || word('doing.working')
  }
}

/** The share that is known to be done, 0 to 1, or undefined while nothing is known. */
export function progressShare(progress: Progress): number | undefined {
  const { phase, done, of, nodesDone, nodesTotal } = progress
  const inside = done !== undefined && of ? done / of : 0
  if (phase === 'running') {
    // Held below 1: only the outputs call says that a task is over.
    return nodesTotal ? Math.min(0.99, ((nodesDone ?? 0) + Math.min(inside, 0.99)) / nodesTotal) : undefined
  }
  if (phase === 'uploading' || phase === 'downloading' || phase === 'working') return of ? inside : undefined
  return undefined
}
