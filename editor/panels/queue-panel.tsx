import { ArrowUpToLine, FolderOpen, Info, Square, Trash2, X } from 'lucide-preact'
import { useEffect } from 'preact/hooks'
import type { RunSummary } from '../api/index.ts'
import { t, type WordKey } from '../i18n/index.ts'
import { formatDuration, isOver, kindOf, leftText, shareOf, timeLeft } from '../state/index.ts'
import { usePage } from './context.ts'
import { Empty } from './empty.tsx'
import { HistoryFilter } from './history-filter.tsx'
import { IconButton } from './icon-button.tsx'
import { useMore } from './use-more.tsx'
import { whenText } from './when.ts'

export function QueuePanel() {
  const { store, actions } = usePage()
  const remaining = store.queueRemaining.value
  useEffect(() => void actions.refreshRuns(), [actions, remaining])
  const runs = store.runList.value
  const running = runs.filter(run => run.status === 'running')
  const waiting = runs.filter(run => run.status === 'waiting')
  const finished = runs.filter(isFinished)
  return (
    <div class="panel-body">
      <Slots running={running.length} />
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
      {finished.length > 0 && <Finished all={finished} />}
    </div>
  )
}

const isFinished = (run: RunSummary) => run.status !== 'running' && run.status !== 'waiting'

/** How much of what may run side by side is taken: here, and with the key in use. */
function Slots({ running }: { running: number }) {
  const { store, limits } = usePage()
  useEffect(() => void limits.refresh(), [limits])
  const parallel = store.limits.value?.parallel
  const account = store.account.value
  const facts = account && 'facts' in account ? account.facts : undefined
  return (
    <p class="hint">
      {parallel !== undefined && t('queue.slots', { running, of: parallel })}
      {facts?.limit != null && (
        <>
          <br />
          {t('queue.cloudSlots', { running: facts.running ?? 0, of: facts.limit })}
        </>
      )}
    </p>
  )
}

function Finished({ all }: { all: readonly RunSummary[] }) {
  const { store, actions } = usePage()
  const found = store.foundRuns.value?.filter(isFinished)
  const { shown, more } = useMore(found ?? all)
  return (
    <section>
      <h3>{t('queue.finished')}</h3>
      <HistoryFilter />
      {found?.length === 0 && (
        <Empty
          text={t('queue.none')}
          action={t('gallery.showAll')}
          onAct={() => void actions.searchRuns({ status: '', kind: '', text: '' })}
        />
      )}
      <ul class="list is-long-list">
        {shown.map(run => (
          <RunRow key={run.id} run={run} />
        ))}
      </ul>
      {more}
      <button type="button" class="button" onClick={() => void actions.clearHistory()}>
        {t('queue.clearHistory')}
      </button>
    </section>
  )
}

function RunList({ title, runs }: { title: string; runs: readonly RunSummary[] }) {
  if (runs.length === 0) return null
  return (
    <section>
      <h3>{title}</h3>
      <ul class="list">
        {runs.map((run, at) => (
          <RunRow key={run.id} run={run} isFirst={at === 0} />
        ))}
      </ul>
    </section>
  )
}

function RunRow({ run, isFirst = false }: { run: RunSummary; isFirst?: boolean }) {
  const { store, api, actions, files } = usePage()
  const live = store.runs.value.get(run.id)
  const share = live && !isOver(live) ? Math.round(shareOf(live) * 100) : undefined
  const picture = run.files.find(file => kindOf(file.filename) === 'image')
  const question = store.questions.value.find(({ runId }) => runId === run.id)
  return (
    <li data-run={run.id}>
      <div class="list-row run-row">
        {picture ? (
          <img class="run-picture" src={api.viewUrl(picture, { thumbnail: true })} alt="" loading="lazy" />
        ) : (
          <span class="run-picture" />
        )}
        <div class="run-facts">
          <span class="run-name" title={run.name ?? undefined}>
            {run.name ?? t('tabs.untitled')}
          </span>
          <span class="run-line">
            <span class={`run-status is-${run.status}`}>
              {t(`queue.status.${run.status}` as WordKey)}
              {share !== undefined && run.status === 'running' ? ` ${share} %` : ''}
            </span>
            {' · '}
            {useFacts(run)}
          </span>
        </div>
        {run.status === 'waiting' && !isFirst && (
          <IconButton
            icon={ArrowUpToLine}
            label={t('queue.front')}
            onClick={() => void actions.moveToFront(run.id)}
          />
        )}
        <IconButton icon={Info} label={t('queue.details')} onClick={() => void actions.showRun(run.id)} />
        <IconButton icon={FolderOpen} label={t('queue.recall')} onClick={() => void files.openRun(run.id)} />
        {isFinished(run) ? (
          <IconButton
            icon={Trash2}
            label={t('queue.remove')}
            onClick={() => void actions.removeRun(run.id)}
          />
        ) : (
          <IconButton icon={X} label={t('queue.cancel')} onClick={() => void actions.cancelRun(run.id)} />
        )}
      </div>
      {question && (
        <button
          type="button"
          class="run-question"
          onClick={() => {
            store.dialog.value = { kind: 'unknown', seq: question.seq }
          }}
        >
          {t('strip.unknownCreate')} <span>{t('unknown.decide')}</span>
        </button>
      )}
      {run.status === 'running' && <RunningNodes runId={run.id} />}
    </li>
  )
}

/** When, how long, for how much; of a run under way, how long it still takes where that is known. */
function useFacts(run: RunSummary): string {
  const { store } = usePage()
  const at = whenText(run.createdAt)
  const coins = run.tasks.reduce((sum, task) => sum + Number(task.coins ?? 0), 0)
  const cost = coins > 0 ? t('strip.coins', { coins }) : undefined
  if (run.status === 'running') {
    const left = timeLeft(run, store.runList.value, store.now.value)
    return [at, left && leftText(left, t), cost].filter(Boolean).join(' · ')
  }
  const took =
    run.startedAt === null || run.finishedAt === null
      ? undefined
      : formatDuration(run.finishedAt - run.startedAt)
  // A number keeps its unit beside it where the line breaks.
  return [at, took, cost]
    .filter(part => part !== undefined)
    .map(part => part.replaceAll(' ', '\u00a0'))
    .join(' · ')
}

/** What runs now of a run this page follows, each to be stopped by itself. */
function RunningNodes({ runId }: { runId: string }) {
  const { store, canvas, actions } = usePage()
  const nodes = Object.entries(store.runs.value.get(runId)?.nodes ?? {}).filter(
    ([, node]) => node.state === 'running',
  )
  if (nodes.length === 0) return null
  return (
    <ul class="running-nodes">
      {nodes.map(([nodeId]) => (
        <li key={nodeId}>
          <span>
            {canvas.node(nodeId)?.title} <small>#{nodeId}</small>
          </span>
          <IconButton
            icon={Square}
            label={t('queue.stopNode', { node: nodeId })}
            onClick={() => void actions.stopNodeOf(runId, nodeId)}
          />
        </li>
      ))}
    </ul>
  )
}
