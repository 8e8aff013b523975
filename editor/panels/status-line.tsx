import { useEffect } from 'preact/hooks'
import { activeDocument, isUnsaved } from '../app/store.ts'
import { t } from '../i18n/index.ts'
import { leftText, timeLeft } from '../state/index.ts'
import { usePage } from './context.ts'

export function StatusLine() {
  const { store, actions } = usePage()
  const notice = store.notice.value
  useEffect(() => {
    if (!notice || notice.tone === 'bad') return
    const timer = setTimeout(() => {
      if (store.notice.value === notice) store.notice.value = undefined
    }, 8_000)
    return () => clearTimeout(timer)
  }, [notice, store])
  const document = activeDocument(store)
  const { running = 0, waiting = 0 } = store.health.value ?? {}
  const shown = store.runList.value.find(run => run.id === document?.promptId && run.status === 'running')
  const left = shown && timeLeft(shown, store.runList.value, store.now.value)
  const problems = store.problems.value.length
  const connection = store.connection.value
  const saved = !document
    ? ''
    : !isUnsaved(document)
      ? document.path === undefined
        ? ''
        : t('status.saved')
      : document.path === undefined
        ? t('status.draft')
        : t('status.unsaved')
  return (
    <footer class="status-line">
      <span
        class={`status-notice ${notice?.tone === 'bad' ? 'is-bad' : ''}`}
        role="status"
        title={notice?.text}
      >
        {notice?.text ?? ''}
      </span>
      {running + waiting > 0 && (
        <button type="button" class="status-button" onClick={() => actions.openPanel('queue')}>
          {[
            running > 0 && t('status.running', { count: running }),
            waiting > 0 && t('status.waiting', { count: waiting }),
            left && leftText(left, t),
          ]
            .filter(Boolean)
            .join(' · ')}
        </button>
      )}
      {problems > 0 && (
        <button
          type="button"
          class={`status-button ${store.wasChecked.value ? 'is-bad' : ''}`}
          onClick={() => actions.openPanel('problems')}
        >
          {problems === 1 ? t('status.problemsOne') : t('status.problems', { count: problems })}
        </button>
      )}
      {saved !== '' && <span>{saved}</span>}
      <span class={`status-connection is-${connection}`}>
        {t(connection === 'open' ? 'status.connected' : 'status.connecting')}
      </span>
      <div class="toasts">
        {store.toasts.value.map(toast => (
          <div key={toast.id} class={`toast ${toast.tone === 'bad' ? 'is-bad' : ''}`} role="alert">
            {toast.text}
          </div>
        ))}
      </div>
    </footer>
  )
}
