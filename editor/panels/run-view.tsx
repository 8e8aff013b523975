import { fromServer, t, type WordKey } from '../i18n/index.ts'
import { formatClock, formatDuration } from '../state/index.ts'
import { usePage } from './context.ts'
import { LinkedText } from './linked-text.tsx'
import { MoreLink } from './more-link.tsx'
import { RunFiles } from './run-files.tsx'
import { runNodeTitle } from './run-node-title.ts'
import { RunTasks } from './run-tasks.tsx'
import { beganAt, dateText } from './when.ts'

/** One run: what it did, what it cost, what went wrong, what it left. */
export function RunView({ id, onClose }: { id: string; onClose: () => void }) {
  const { store, files } = usePage()
  const run = store.runDetails.value?.id === id ? store.runDetails.value : undefined
  const events = store.runEvents.value.get(id) ?? []
  if (!run) return <p>{t('details.loading')}</p>
  const sum = (of: 'coins' | 'money') => run.tasks.reduce((total, task) => total + Number(task[of] ?? 0), 0)
  const money = sum('money')
  const cached = run.nodes.filter(node => node.state === 'cached').length
  const start = beganAt(run)
  return (
    <div class="run-view">
      <h2>{run.name ?? t('details.title')}</h2>
      <dl class="facts">
        <dt>{t('details.started')}</dt>
        <dd>{dateText(start)}</dd>
        <dt>{t('details.took')}</dt>
        <dd>
          {run.finishedAt === null ? '' : `${formatDuration(run.finishedAt - start)} · `}
          {t(`queue.status.${run.status}` as WordKey)}
        </dd>
        <dt>{t('details.cost')}</dt>
        <dd>
          {t('strip.coins', { coins: sum('coins') })}
          {money > 0 && ` · ${money}`}
        </dd>
        <dt>{t('details.cached')}</dt>
        <dd>{t('details.cachedOf', { count: cached, of: run.nodes.length })}</dd>
      </dl>
      {run.errors.length > 0 && (
        <section>
          <h3>{t('details.error')}</h3>
          {run.errors.map(error => (
            <div key={`${error.nodeId}/${error.code}`} class="run-error">
              <p class="failure-line">{fromServer(error.message.split('\n')[0] ?? '')}</p>
              {error.hint && (
                <p>
                  <LinkedText text={fromServer(error.hint)} />
                </p>
              )}
              {error.message.includes('\n') && (
                <details>
                  <summary>{t('failure.more')}</summary>
                  {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached with the keyboard. */}
                  <pre tabIndex={0}>{error.message.split('\n').slice(1).join('\n')}</pre>
                </details>
              )}
              <p class="failure-code">
                {error.nodeType} #{error.nodeId} · {error.code} <MoreLink code={error.code} />
              </p>
            </div>
          ))}
        </section>
      )}
      <RunTasks run={run} />
      <RunFiles run={run} onLook={onClose} />
      {run.texts.length > 0 && (
        <section>
          <h3>{t('details.texts')}</h3>
          {run.texts.map((item, at) => (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached with the keyboard.
            <pre key={`${item.nodeId}/${at}`} class="result-text" tabIndex={0}>
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
                <td>{runNodeTitle(node, store.types.value)}</td>
                <td>{t(`node.state.${node.state}` as WordKey)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <details>
        <summary>{t('details.events')}</summary>
        {events.length === 0 && <p class="hint">{t('details.noEvents')}</p>}
        <ol class="events">
          {events.map((event, at) => (
            <li key={`${event.at}/${at}`}>
              <time>{formatClock(event.at - start)}</time> {event.type.replace('bridge.', '')}
              {event.node && ` #${event.node}`} {event.text}
            </li>
          ))}
        </ol>
      </details>
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
