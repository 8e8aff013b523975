import { t } from '../i18n/index.ts'
import { usePage } from './context.ts'

/** An empty canvas says what to do. */
export function StartHint() {
  const { store, actions } = usePage()
  if (!store.isEmpty.value || !store.isReady.value) return null
  return (
    <div class="start-hint">
      <h2>{t('start.title')}</h2>
      <p>{t('start.line')}</p>
      <div class="row">
        <button type="button" class="button" onClick={() => actions.chooseFile()}>
          {t('start.open')}
        </button>
        <button type="button" class="button" onClick={() => void actions.pasteText()}>
          {t('file.paste')}
        </button>
        <button
          type="button"
          class="button"
          onClick={() => {
            store.dialog.value = { kind: 'examples' }
          }}
        >
          {t('start.example')}
        </button>
      </div>
    </div>
  )
}
