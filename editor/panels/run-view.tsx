import { copyText } from '../app/files.ts'
import { language, t, type WordKey } from '../i18n/index.ts'
import { formatClock, formatDuration, kindOf } from '../state/index.ts'
import { usePage } from './context.ts'

/** The task's page at the cloud; the sandbox has none. */
function RecordLink({ taskId }: { taskId: string }) {
  const { store } = usePage()
  const health = store.health.value
  if (!health || health.mode === 'sandbox' || !health.site.startsWith('https://')) return null
  return (
    <a
      class="link-button"
      href={`${health.site}/call-api/call-record-detail/${taskId}`}
      target="_blank"
      rel="noreferrer"
    >
      {t('details.record')}
    </a>
  )
}

/** One run: what it did, what it cost, what went wrong. */
export function RunView({ id, onClose }: { id: string; onClose: () => void }) {
  const { store, api, files } = usePage()
  const run = store.runDetails.value?.id === id ? store.runDetails.value : undefined
  const events = store.runEvents.value.get(id) ?? []
  if (!run) return <p>…</p>
  const coins = run.tasks.reduce((sum, task) => sum + Number(task.coins ?? 0), 0)
  const pictures = run.files.filter(file => kindOf(file.filename) === 'image')
  const items = pictures.map(file => ({ ...file, kind: 'image' as const }))
  const start = run.startedAt ?? run.createdAt
  return (
    <div class="run-view">
      <h2>{t('details.title')}</h2>
      <dl class="facts">
        <dt>{t('details.started')}</dt>
        <dd>{new Date(start).toLocaleString(language.value === 'zh' ? 'zh-CN' : 'en-GB')}</dd>
        <dt>{t('details.took')}</dt>
        <dd>
          {run.finishedAt === null ? '…' : formatDuration(run.finishedAt - start)} ·{' '}
          {t(`queue.status.${run.status}` as WordKey)}
        </dd>
        <dt>{t('details.cost')}</dt>
        <dd>{t('strip.coins', { coins })}</dd>
      </dl>
      {run.errors.length > 0 && (
        <section>
          <h3>{t('details.error')}</h3>
          {run.errors.map(error => (
            <div key={`${error.nodeId}/${error.code}`} class="run-error">
              <p class="failure-line">{error.message.split('\n')[0]}</p>
              {error.hint && <p>{error.hint}</p>}
              {error.message.includes('\n') && (
                <details>
                  <summary>{t('failure.more')}</summary>
                  <pre>{error.message.split('\n').slice(1).join('\n')}</pre>
                </details>
              )}
              <p class="failure-code">
                {error.nodeType} #{error.nodeId} · {error.code}
              </p>
            </div>
          ))}
        </section>
      )}
      <section>
        <h3>{t('details.tasks')}</h3>
        {run.tasks.length === 0 && <p class="hint">{t('details.noTasks')}</p>}
        <ul class="list">
          {run.tasks.map(task => (
            <li key={task.taskId} class="task-row">
              <code>{task.taskId}</code>
              <span>
                {[
                  task.status,
                  task.seconds === null ? '' : `${task.seconds} s`,
                  task.coins === null ? '' : t('strip.coins', { coins: task.coins }),
                  task.money ?? '',
                ]
                  .filter(Boolean)
                  .join(' · ')}
              </span>
              <button type="button" class="link-button" onClick={() => void copyText(task.taskId)}>
                {t('details.copyTask')}
              </button>
              <RecordLink taskId={task.taskId} />
            </li>
          ))}
        </ul>
      </section>
      {pictures.length > 0 && (
        <section>
          <h3>{t('details.files')}</h3>
          <div class="run-pictures">
            {pictures.map((file, at) => (
              <button
                key={file.filename}
                type="button"
                aria-label={t('gallery.open', { name: file.filename })}
                onClick={() => {
                  onClose()
                  store.lightbox.value = { items, at }
                }}
              >
                <img src={api.viewUrl(file, { thumbnail: true })} alt="" loading="lazy" />
              </button>
            ))}
          </div>
        </section>
      )}
      {run.texts.length > 0 && (
        <section>
          <h3>{t('details.texts')}</h3>
          {run.texts.map((item, at) => (
            <pre key={`${item.nodeId}/${at}`} class="result-text">
              {item.text}
            </pre>
          ))}
        </section>
      )}
      <section>
        <h3>{t('details.nodes')}</h3>
        <table class="node-table">
          <tbody>
            {run.nodes.map(node => (
              <tr key={node.nodeId}>
                <td>#{node.nodeId}</td>
                <td>{node.title ?? node.type}</td>
                <td>{t(`node.state.${node.state}` as WordKey)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <section>
        <h3>{t('details.events')}</h3>
        {events.length === 0 && <p class="hint">{t('details.noEvents')}</p>}
        <ol class="events">
          {events.map((event, at) => (
            <li key={`${event.at}/${at}`}>
              <time>{formatClock(event.at - start)}</time> {event.type.replace('bridge.', '')}
              {event.node && ` #${event.node}`} {event.text}
            </li>
          ))}
        </ol>
      </section>
      <div class="row is-end">
        <button
          type="button"
          class="button"
          onClick={() => {
            onClose()
            void files.openRun(id)
          }}
        >
          {t('queue.recall')}
        </button>
        <button type="button" class="button" onClick={onClose}>
          {t('common.close')}
        </button>
      </div>
    </div>
  )
}
