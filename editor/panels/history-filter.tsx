import { t, type WordKey } from '../i18n/index.ts'
import { usePage } from './context.ts'

const statuses = ['success', 'error', 'interrupted'] as const
const kinds = ['image', 'video', 'audio', 'model3d', 'text'] as const

/** Narrows the finished runs: by what they gave, how they ended, and any word of their graph. */
export function HistoryFilter() {
  const { store, actions } = usePage()
  const wish = store.historyWish.value
  const search = (change: Partial<typeof wish>) => void actions.searchRuns({ ...wish, ...change })
  return (
    <div class="filter">
      <input
        type="search"
        class="field"
        placeholder={t('queue.find')}
        aria-label={t('queue.find')}
        value={wish.text}
        onInput={event => search({ text: event.currentTarget.value })}
      />
      <div class="row">
        <select
          class="field"
          aria-label={t('queue.byStatus')}
          value={wish.status}
          onChange={event => search({ status: event.currentTarget.value })}
        >
          <option value="">{t('queue.anyStatus')}</option>
          {statuses.map(status => (
            <option key={status} value={status}>
              {t(`queue.status.${status}` as WordKey)}
            </option>
          ))}
        </select>
        <select
          class="field"
          aria-label={t('queue.byKind')}
          value={wish.kind}
          onChange={event => search({ kind: event.currentTarget.value })}
        >
          <option value="">{t('gallery.all')}</option>
          {kinds.map(kind => (
            <option key={kind} value={kind}>
              {t(`gallery.${kind}` as WordKey)}
            </option>
          ))}
        </select>
      </div>
    </div>
  )
}
