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
  | 'strip.stopped'
  | 'strip.stoppedCancelled'
  | 'strip.stoppedHere'
  | 'strip.done'

export type StripView = {
  readonly text: string
  readonly tone: 'wait' | 'run' | 'good' | 'muted' | 'bad'
  readonly share?: number | 'unknown'
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
      return { text: node.error?.message.split('\n')[0] ?? '', tone: 'bad' }
    case 'skipped':
      return { text: words('strip.skipped'), tone: 'muted' }
    case 'stopped': {
      const how = node.taskId === undefined ? 'strip.stopped' : stoppedTask(node.taskStatus)
      return { text: words(how), tone: 'muted' }
    }
    case 'running':
      return running(node.progress, now - node.since, words)
  }
}

/** A task that is not known to be cancelled may end well all the same: then its result is kept. */
function stoppedTask(status: string | undefined): StripKey {
  return status === 'cancelled' ? 'strip.stoppedCancelled' : 'strip.stoppedHere'
}

function running(progress: Progress | undefined, elapsedMs: number, words: StripWords): StripView {
  const clock = formatClock(elapsedMs)
  if (!progress) return { text: `${words('strip.working')} · ${clock}`, tone: 'run', share: 'unknown' }
  const { phase, label, done, of, nodesDone, nodesTotal, bytes } = progress
  const share = nodeShare(progress) ?? 'unknown'
  switch (phase) {
    case 'waiting-slot':
      return { text: `${words('strip.waitingSlot')} · ${clock}`, tone: 'wait' }
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
      return { text: label ?? words('strip.unknownCreate'), tone: 'wait' }
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

function sizes(done: number | undefined, of: number | undefined): string | undefined {
  if (!of) return undefined
  return `${((done ?? 0) / 1_000_000).toFixed(1)} / ${(of / 1_000_000).toFixed(1)} MB`
}
