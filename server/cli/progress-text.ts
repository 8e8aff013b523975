import type { Progress } from '../../nodes/context.ts'
import { formatBytes, plural, printable } from './print.ts'

/** What a node is doing, in words; without the bar. */
export function progressText(progress: Progress): string {
  const { phase, label, done, of, nodesDone, nodesTotal, bytes } = progress
  const name = label === undefined ? '' : printable(label)
  switch (phase) {
    case 'waiting-slot':
      return `Waiting for a free slot${name && ` · ${name}`}`
    case 'uploading':
      return `Uploading ${name}${done !== undefined && of !== undefined ? ` · ${formatBytes(done)} of ${formatBytes(of)}` : ''}`
    case 'submitting':
      return 'Sending to RunningHub'
    case 'queued':
      return 'Queued on RunningHub'
    case 'running': {
      const step = done !== undefined && of !== undefined ? ` ${done}/${of}` : ''
      const nodes =
        nodesTotal !== undefined
          ? ` · ${nodesDone ?? 0} of ${plural(nodesTotal, 'node')}`
          : nodesDone
            ? ` · ${plural(nodesDone, 'node')} done`
            : ''
      return `${name ? `${name}${step}` : 'Running on RunningHub'}${nodes}`
    }
    case 'downloading':
      return `Downloading ${done ?? 0} of ${of ?? 0}${bytes ? ` · ${formatBytes(bytes)}` : ''}`
    case 'unknown-create':
      return 'No answer from RunningHub. A paid task may exist.'
    case 'working':
      return name || 'Working'
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
