import type { RunDetails } from '../api/index.ts'
import { t, type WordKey } from '../i18n/index.ts'
import { formatBytes, formatClock, formatDuration, taskStory } from '../state/index.ts'
import { CopyButton } from './copy-button.tsx'

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
}

/** The cloud tasks of a run: each with its id, its cost, its way through the states, and what it waited for. */
export function RunTasks({ run }: { run: RunDetails }) {
  const started = run.startedAt ?? run.createdAt
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
  const node = run.nodes.find(({ nodeId }) => nodeId === task.nodeId)
  const cost = run.tasks.find(({ taskId }) => taskId === task.taskId)
  const { waitedMs, retries, steps } = taskStory(task.events)
  const facts = [
    cost?.seconds ? t('details.seconds', { seconds: cost.seconds }) : '',
    cost?.coins ? t('strip.coins', { coins: cost.coins }) : '',
    cost?.money ?? '',
    task.bytes > 0 ? formatBytes(task.bytes) : '',
    waitedMs >= 1000 ? t('details.waited', { time: formatClock(waitedMs) }) : '',
    retries > 0 ? t('details.retries', { count: retries }) : '',
  ].filter(Boolean)
  return (
    <li class="task-card">
      <p class="task-head">
        <strong>{node?.title ?? node?.type ?? ''}</strong> <small>#{task.nodeId}</small>
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
        {steps.map((step, at) => (
          <li key={`${step.at}/${at}`}>
            <time>{formatClock(step.at - started)}</time> {word(step.what)}
            {step.heldMs !== undefined && step.heldMs >= 100 && ` · ${formatDuration(step.heldMs)}`}
            {step.why && <span class="event-why"> {step.why}</span>}
          </li>
        ))}
      </ol>
      <p class="hint">
        {task.site.replace(/^https?:\/\/(www\.)?/, '')} · {task.keyName}
      </p>
    </li>
  )
}

function word(what: string): string {
  const key = stepWords[what]
  return key ? t(key) : what
}
