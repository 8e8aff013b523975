import { FolderOpen, Info, Trash2, X } from 'lucide-preact'
import { useEffect } from 'preact/hooks'
import type { RunSummary } from '../api/index.ts'
import { language, t, type WordKey } from '../i18n/index.ts'
import { formatDuration, isOver, kindOf, shareOf } from '../state/index.ts'
import { usePage } from './context.ts'
import { Empty } from './empty.tsx'
import { IconButton } from './icon-button.tsx'

export function QueuePanel() {
  const { store, actions } = usePage()
  const remaining = store.queueRemaining.value
  useEffect(() => void actions.refreshRuns(), [actions, remaining])
  const runs = store.runList.value
  const running = runs.filter(run => run.status === 'running')
  const waiting = runs.filter(run => run.status === 'waiting')
  const finished = runs.filter(run => run.status !== 'running' && run.status !== 'waiting')
  return (
    <div class="panel-body">
      {running.length + waiting.length === 0 && (
        <Empty text={t('queue.empty')} action={t('queue.emptyAction')} onAct={() => void actions.run()} />
      )}
      <RunList title={t('queue.running')} runs={running} />
      <RunList title={t('queue.waiting')} runs={waiting} />
      {waiting.length > 1 && (
        <button type="button" class="button" onClick={() => void actions.clearQueue()}>
          {t('queue.clear')}
        </button>
      )}
      <RunList title={t('queue.finished')} runs={finished} />
      {finished.length > 0 && (
        <button type="button" class="button" onClick={() => void actions.clearHistory()}>
          {t('queue.clearHistory')}
        </button>
      )}
    </div>
  )
}

function RunList({ title, runs }: { title: string; runs: readonly RunSummary[] }) {
  if (runs.length === 0) return null
  return (
    <section>
      <h3>{title}</h3>
      <ul class="list">
        {runs.map(run => (
          <RunRow key={run.id} run={run} />
        ))}
      </ul>
    </section>
  )
}

function RunRow({ run }: { run: RunSummary }) {
  const { store, api, actions, files } = usePage()
  const live = store.runs.value.get(run.id)
  const isOpen = run.status === 'running' || run.status === 'waiting'
  const share = live && !isOver(live) ? Math.round(shareOf(live) * 100) : undefined
  const picture = run.files.find(file => kindOf(file.filename) === 'image')
  const coins = run.tasks.reduce((sum, task) => sum + Number(task.coins ?? 0), 0)
  const took =
    run.startedAt !== null && run.finishedAt !== null
      ? formatDuration(run.finishedAt - run.startedAt)
      : undefined
  const facts = [
    new Date(run.createdAt).toLocaleTimeString(language.value === 'zh' ? 'zh-CN' : 'en-GB'),
    took,
    coins > 0 ? t('strip.coins', { coins }) : undefined,
  ]
  return (
    <li class="list-row run-row">
      {picture ? (
        <img class="run-picture" src={api.viewUrl(picture, { thumbnail: true })} alt="" loading="lazy" />
      ) : (
        <span class="run-picture" />
      )}
      <div class="run-facts">
        <span class={`run-status is-${run.status}`}>
          {t(`queue.status.${run.status}` as WordKey)}
          {share !== undefined && run.status === 'running' ? ` ${share} %` : ''}
        </span>
        <span class="run-line">{facts.filter(Boolean).join(' · ')}</span>
      </div>
      <IconButton icon={Info} label={t('queue.details')} onClick={() => void actions.showRun(run.id)} />
      <IconButton icon={FolderOpen} label={t('queue.recall')} onClick={() => void files.openRun(run.id)} />
      {isOpen ? (
        <IconButton icon={X} label={t('queue.cancel')} onClick={() => void actions.cancelRun(run.id)} />
      ) : (
        <IconButton icon={Trash2} label={t('queue.remove')} onClick={() => void actions.removeRun(run.id)} />
      )}
    </li>
  )
}
