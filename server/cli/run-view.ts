import cliTruncate from 'cli-truncate'
import { createLogUpdate } from 'log-update'
import type { Progress, RemoteTask } from '../../nodes/context.ts'
import type { RunEvent } from '../executor/index.ts'
import { formatDuration } from './print.ts'
import { progressShare, progressText } from './progress-text.ts'
import { word } from './words/index.ts'

/** Draws a run's events. `end` leaves the terminal clean. */
export type RunView = {
  show(event: RunEvent): void
  /** Leaves the terminal to a question. */
  pause(): void
  resume(): void
  end(): void
}

type Names = (nodeId: string) => string

/** Plain lines for pipes and logs: one per change of what is done, none per step. */
export function createPlainView(stream: NodeJS.WritableStream, names: Names): RunView {
  const last = new Map<string, string>()
  let startedAt: number | undefined
  const line = (event: RunEvent, nodeId: string, text: string) => {
    if (last.get(nodeId) === text) return
    last.set(nodeId, text)
    stream.write(`[${formatDuration(event.at - (startedAt ?? event.at))}] ${names(nodeId)}: ${text}\n`)
  }
  return {
    show(event) {
      if (event.type === 'run-started') startedAt = event.at
      else if (event.type === 'node-progressed') {
        const { phase, label, of } = event.progress
        const settled: Progress = {
          phase,
          ...(label !== undefined && { label }),
          ...(phase === 'downloading' && { of }),
        }
        line(
          event,
          event.nodeId,
          phase === 'downloading' ? word('doing.downloadingAll', { of: of ?? 0 }) : progressText(settled),
        )
      } else if (event.type === 'node-task-changed') {
        const text = taskText(event.task)
        if (text) line(event, event.nodeId, text)
      } else if (event.type === 'node-finished') {
        if (event.frozen) line(event, event.nodeId, word('node.frozen'))
        else if (event.cached) line(event, event.nodeId, word('node.cached'))
        else if (last.has(event.nodeId))
          line(event, event.nodeId, word('node.done', { time: formatDuration(event.durationMs) }))
      } else if (event.type === 'node-failed')
        // What went wrong is told at the end, once.
        line(event, event.nodeId, word('node.failed'))
    },
    pause() {},
    resume() {},
    end() {},
  }
}

const barWidth = 24
const spinner = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'

/** Progress bars for a terminal: one line a node that is at work; what has ended scrolls up. */
export function createLiveView(stream: NodeJS.WriteStream, names: Names): RunView {
  const log = createLogUpdate(stream)
  const rows = new Map<string, { startedAt: number; progress?: Progress }>()
  let frame = 0
  const draw = () => {
    frame++
    const width = stream.columns || 80
    const lines = [...rows].flatMap(([nodeId, row]) =>
      row.progress
        ? [cliTruncate(rowText(names(nodeId), row.progress, Date.now() - row.startedAt, frame), width - 1)]
        : [],
    )
    log(lines.slice(0, Math.max(1, (stream.rows || 24) - 2)).join('\n'))
  }
  let timer = setInterval(draw, 120)
  const finish = (text: string) => {
    log.clear()
    stream.write(`${text}\n`)
    draw()
  }
  return {
    show(event) {
      if (event.type === 'node-started') rows.set(event.nodeId, { startedAt: Date.now() })
      else if (event.type === 'node-progressed') {
        const row = rows.get(event.nodeId)
        if (row) row.progress = event.progress
      } else if (event.type === 'node-finished') {
        const worked = rows.get(event.nodeId)?.progress !== undefined
        rows.delete(event.nodeId)
        if (worked) finish(`✔ ${names(event.nodeId)} · ${formatDuration(event.durationMs)}`)
      } else if (event.type === 'node-failed') {
        rows.delete(event.nodeId)
        finish(`✖ ${names(event.nodeId)}`)
      }
    },
    pause() {
      clearInterval(timer)
      log.clear()
    },
    resume() {
      clearInterval(timer)
      timer = setInterval(draw, 120)
    },
    end() {
      clearInterval(timer)
      log.clear()
      log.done()
    },
  }
}

function rowText(name: string, progress: Progress, elapsedMs: number, frame: number): string {
  const share = progressShare(progress)
  const filled = share === undefined ? 0 : Math.round(share * barWidth)
  const bar =
    share === undefined
      ? spinner.charAt(frame % spinner.length).padEnd(1)
      : `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)}`
  return `${bar} ${name} · ${progressText(progress)} · ${formatDuration(elapsedMs)}`
}

function taskText(task: RemoteTask): string | undefined {
  switch (task.status) {
    case 'created':
      return word('task.created', { task: task.taskId })
    case 'success':
      return word('task.done', { task: task.taskId, cost: costText(task) })
    case 'cancelled':
      return word('task.cancelled', { task: task.taskId })
    default:
      return undefined
  }
}

/** ` · 72 s · 15 coins`, whatever of it is known. */
export function costText(task: Pick<RemoteTask, 'coins' | 'money' | 'seconds'>): string {
  const parts = [
    ...(task.seconds !== null ? [`${task.seconds} s`] : []),
    ...(task.coins !== null ? [word('cost.coins', { coins: task.coins })] : []),
    ...(task.money !== null ? [word('cost.money', { money: task.money })] : []),
  ]
  return parts.length > 0 ? ` · ${parts.join(' · ')}` : ''
}
