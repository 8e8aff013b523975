import { formatBytes, formatClock, formatDuration } from './format.ts'
import { type NodeRun, nodeShare, type Progress } from './run.ts'

export type StripWords = (key: StripKey, values?: Record<string, string | number>) => string
export type StripKey =
  | 'strip.waitingSlot'
  | 'strip.uploading'
  | 'strip.submitting'
  | 'strip.queued'
  | 'strip.running'
  | 'strip.downloading'
  | 'strip.unknownCreate'
  | 'strip.working'
  | 'strip.nodesOf'
  | 'strip.coins'
  | 'strip.cached'
  | 'strip.skipped'
  | 'strip.busy'
  | 'strip.stopped'
  | 'strip.stoppedCancelled'
  | 'strip.stoppedHere'
  | 'strip.stoppedKept'
  | 'strip.stoppedGoesOn'
  | 'strip.done'

export type StripView = {
  readonly text: string
  readonly tone: 'wait' | 'run' | 'good' | 'muted' | 'bad'
  readonly share?: number | 'unknown'
  /** A press on it tells more. */
  readonly opens?: boolean
}

/** A node's life in one line. The bar never passes what is known. */
export function stripOf(node: NodeRun, now: number, words: StripWords): StripView {
  switch (node.state) {
    case 'done': {
      const cost = node.coins === undefined ? '' : ` · ${words('strip.coins', { coins: node.coins })}`
      // Milliseconds are noise.
      const time = (node.durationMs ?? 0) < 100 ? words('strip.done') : formatDuration(node.durationMs ?? 0)
      return { text: `${time}${cost}`, tone: 'good' }
    }
    case 'cached':
      return { text: words('strip.cached'), tone: 'muted' }
    case 'failed':
      return { text: node.error?.message.split('\n')[0] ?? '', tone: 'bad', opens: true }
    case 'skipped':
      return { text: words('strip.skipped'), tone: 'muted' }
    case 'stopped': {
      const how = node.taskId === undefined ? 'strip.stopped' : stoppedTask(node)
      return { text: words(how), tone: 'muted' }
    }
    case 'running':
      return running(node.progress, now - node.since, words)
  }
}

/** A task that is not known to be cancelled may end well all the same: then its result is kept. */
function stoppedTask({ outcome, taskStatus }: NodeRun): StripKey {
  if (outcome === 'cancelled' || taskStatus === 'cancelled') return 'strip.stoppedCancelled'
  if (outcome === 'kept') return 'strip.stoppedKept'
  return outcome === 'goes-on' ? 'strip.stoppedGoesOn' : 'strip.stoppedHere'
}

function running(progress: Progress | undefined, elapsedMs: number, words: StripWords): StripView {
  const clock = formatClock(elapsedMs)
  if (!progress) return { text: `${words('strip.working')} · ${clock}`, tone: 'run', share: 'unknown' }
  const { phase, label, done, of, nodesDone, nodesTotal, bytes } = progress
  const share = nodeShare(progress) ?? 'unknown'
  switch (phase) {
    case 'waiting-slot':
      return { text: join(words('strip.waitingSlot'), busy(label, words), clock), tone: 'wait' }
    case 'uploading':
      return {
        text: join(words('strip.uploading', { name: label ?? '' }), sizes(done, of)),
        tone: 'run',
        share,
      }
    case 'submitting':
      return { text: words('strip.submitting'), tone: 'run', share: 'unknown' }
    case 'queued':
      return { text: `${words('strip.queued')} · ${clock}`, tone: 'wait' }
    case 'downloading': {
      const count = words('strip.downloading', { done: done ?? 0, of: of ?? 0 })
      return { text: join(count, bytes ? formatBytes(bytes) : undefined), tone: 'run', share }
    }
    case 'unknown-create':
      return { text: words('strip.unknownCreate'), tone: 'wait', opens: true }
    default: {
      const step = label ? (of ? `${label} ${done ?? 0}/${of}` : label) : words('strip.running')
      const nodes = nodesTotal ? words('strip.nodesOf', { done: nodesDone ?? 0, of: nodesTotal }) : undefined
      return { text: join(step, nodes, clock), tone: 'run', share }
    }
  }
}

function join(...parts: (string | undefined)[]): string {
  return parts.filter(part => part).join(' · ')
}

/** The server's "2 of 2 busy" in the reader's language; any other reason as it is. */
function busy(why: string | undefined, words: StripWords): string | undefined {
  const counts = /^(\d+) of (\d+) busy$/.exec(why ?? '')
  return counts ? words('strip.busy', { busy: counts[1] ?? '', of: counts[2] ?? '' }) : why
}

function sizes(done: number | undefined, of: number | undefined): string | undefined {
  if (!of) return undefined
  return `${((done ?? 0) / 1_000_000).toFixed(1)} / ${(of / 1_000_000).toFixed(1)} MB`
}
