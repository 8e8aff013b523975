import { X } from 'lucide-preact'
import { activeDocument } from '../app/store.ts'
import { t } from '../i18n/index.ts'
import { usePage } from './context.ts'
import { IconButton } from './icon-button.tsx'

/** The server is away. It lies on what is there: that comes and goes by itself, and nothing may jump under the hand. */
export function ConnectionBanner() {
  const { store } = usePage()
  if (store.connection.value !== 'lost') return null
  return (
    <div class="banner is-warning is-floating" role="status">
      {t('status.lost')}
    </div>
  )
}

/** Lines across the page: what must be known now, and the first line of all. */
export function Banners() {
  const { store, actions } = usePage()
  const document = activeDocument(store)
  const questions = store.questions.value
  // What belongs to the workflow one looks at comes first.
  const question = questions.find(({ runId }) => runId === document?.promptId) ?? questions[0]
  const showsFirst =
    store.isFirstLineShown.value && store.health.value?.mode === 'sandbox' && document?.isExample === true
  return (
    <>
      {store.isOpenElsewhere.value && (
        <div class="banner is-warning" role="status">
          {t('file.openElsewhere', { name: document?.name ?? '' })}
          <button type="button" class="link-button" onClick={() => void actions.saveAs()}>
            {t('file.saveAs')}
          </button>
        </div>
      )}
      {question && (
        <div class="banner is-warning" role="status">
          <span>{t('unknown.banner', { node: question.nodeId })}</span>
          {questions.length > 1 && <span>{t('unknown.more', { count: questions.length - 1 })}</span>}
          <button
            type="button"
            class="link-button"
            onClick={() => {
              store.dialog.value = { kind: 'unknown', seq: question.seq }
            }}
          >
            {t('unknown.decide')}
          </button>
        </div>
      )}
      {store.health.value?.keysLocked === true && store.panel.value !== 'settings' && (
        <div class="banner is-warning" role="status">
          <span>{t('lock.banner')}</span>
          <button type="button" class="link-button" onClick={() => actions.openPanel('settings')}>
            {t('lock.unlock')}
          </button>
        </div>
      )}
      {showsFirst && (
        <div class="banner">
          <span>{t('first.sandbox')}</span>
          <button type="button" class="link-button" onClick={() => actions.openPanel('settings')}>
            {t('first.addKey')}
          </button>
          <button
            type="button"
            class="link-button"
            onClick={() => {
              store.dialog.value = { kind: 'examples' }
            }}
          >
            {t('first.examples')}
          </button>
          <button type="button" class="link-button" onClick={() => actions.openBring()}>
            {t('first.paste')}
          </button>
          <IconButton
            icon={X}
            label={t('first.dismiss')}
            class="banner-close"
            onClick={() => {
              store.isFirstLineShown.value = false
            }}
          />
        </div>
      )}
    </>
  )
}
