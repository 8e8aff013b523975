import type { RunDetails } from '../api/index.ts'
import { fromServer, t, type WordKey } from '../i18n/index.ts'
import { formatBytes, formatClock, formatDuration } from '../state/index.ts'
import { usePage } from './context.ts'
import { CopyButton } from './copy-button.tsx'
import { runNodeTitle } from './run-node-title.ts'
import { TaskWebhook } from './task-webhook.tsx'
import { beganAt } from './when.ts'

type Task = RunDetails['journal'][number]

/** What the journal calls a step -> our word for it; others are shown as they are written. */
const stepWords: Readonly<Record<string, WordKey>> = {
  submitting: 'task.submitting',
  unknown: 'task.unknown',
  created: 'task.created',
  queued: 'task.queued',
  running: 'task.running',
  done: 'task.done',
  fetched: 'task.fetched',
  left: 'task.left',
  failed: 'task.failed',
  cancelled: 'task.cancelled',
  refused: 'task.refused',
  'waiting for a slot': 'task.waiting',
  'cancel refused': 'task.cancelRefused',
  'downloading again': 'task.downloadingAgain',
  'taken up': 'task.takenUp',
  'webhook came': 'task.webhookCame',
}

/** The cloud tasks of a run: each with its id, its cost, its way through the states, and what it waited for. */
export function RunTasks({ run }: { run: RunDetails }) {
  const started = beganAt(run)
  return (
    <section>
      <h3>{t('details.tasks')}</h3>
      {run.journal.length === 0 && <p class="hint">{t('details.noTasks')}</p>}
      <ul class="list is-spaced">
        {run.journal.map((task, at) => (
          <TaskCard key={task.taskId ?? `${task.nodeId}/${at}`} task={task} run={run} started={started} />
        ))}
      </ul>
    </section>
  )
}

function TaskCard({ task, run, started }: { task: Task; run: RunDetails; started: number }) {
  const { store } = usePage()
  const node = run.nodes.find(({ nodeId }) => nodeId === task.nodeId)
  const { seconds, coins, money, bytes, waitedMs, retries, events } = task
  const facts = [
    seconds ? t('details.seconds', { seconds }) : '',
    coins ? t('strip.coins', { coins }) : '',
    money ?? '',
    bytes > 0 ? formatBytes(bytes) : '',
    waitedMs >= 1000 ? t('details.waited', { time: formatClock(waitedMs) }) : '',
    retries > 0 ? t('details.retries', { count: retries }) : '',
    task.createdBy === run.id ? '' : t('details.takenOver'),
  ].filter(Boolean)
  return (
    <li class="task-card">
      <p class="task-head">
        <strong>{node && runNodeTitle(node, store.types.value)}</strong> <small>#{task.nodeId}</small>
        <span class={`task-state is-${task.state}`}>{word(task.state)}</span>
      </p>
      {task.taskId !== null && (
        <p class="row">
          <code>{task.taskId}</code>
          <CopyButton text={task.taskId} label={t('details.copyTask')} />
          {task.recordPage !== null && (
            <a class="link-button" href={task.recordPage} target="_blank" rel="noreferrer">
              {t('details.record')}
            </a>
          )}
        </p>
      )}
      {facts.length > 0 && <p class="hint">{facts.join(' · ')}</p>}
      <ol class="events">
        {events.map(({ at, what, why }, index) => (
          <li key={`${at}/${index}`}>
            <time>{formatClock(at - started)}</time> {word(what)}
            {heldText(at, events[index + 1]?.at)}
            {why && why !== 'asked for a webhook' && <span class="event-why"> {fromServer(why)}</span>}
          </li>
        ))}
      </ol>
      {task.taskId !== null && task.webhook && <TaskWebhook taskId={task.taskId} />}
      <p class="hint">
        {task.site.replace(/^https?:\/\/(www\.)?/, '')} · {task.keyName}
      </p>
    </li>
  )
}

/** How long a step held; the last one of a task that goes on holds still. */
function heldText(at: number, until: number | undefined): string {
  return until === undefined || until - at < 100 ? '' : ` · ${formatDuration(until - at)}`
}

function word(what: string): string {
  const key = stepWords[what]
  return key ? t(key) : what
}
