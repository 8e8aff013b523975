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
      <form
        class="row"
        onSubmit={event => {
          event.preventDefault()
          const text = new FormData(event.currentTarget).get('text')
          void actions.bringText(String(text ?? ''))
        }}
      >
        <input
          class="field"
          name="text"
          required
          placeholder={t('start.link')}
          aria-label={t('start.link')}
          autocomplete="off"
        />
        <button type="submit" class="button is-main">
          {t('start.look')}
        </button>
      </form>
      <div class="row">
        <button type="button" class="button" onClick={() => actions.openBring()}>
          {t('start.apps')}
        </button>
        <button type="button" class="button" onClick={() => actions.chooseFile()}>
          {t('start.open')}
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
