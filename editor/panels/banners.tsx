import { X } from 'lucide-preact'
import { activeDocument } from '../app/store.ts'
import { t } from '../i18n/index.ts'
import { usePage } from './context.ts'
import { IconButton } from './icon-button.tsx'

/** Warnings that come and go by themselves lie on what is there: nothing may jump under the hand. */
export function Warnings() {
  const { store, actions } = usePage()
  const document = activeDocument(store)
  const questions = store.questions.value
  // What belongs to the workflow one looks at comes first.
  const question = questions.find(({ runId }) => runId === document?.promptId) ?? questions[0]
  return (
    <div class="warnings" role="status">
      {store.connection.value === 'lost' && <div class="warning">{t('status.lost')}</div>}
      {store.isOpenElsewhere.value && (
        <div class="warning">
          <span>{t('file.openElsewhere', { name: document?.name ?? '' })}</span>
          <button type="button" class="link-button" onClick={() => void actions.saveAs()}>
            {t('file.saveAs')}
          </button>
        </div>
      )}
      {question && (
        <div class="warning">
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
        <div class="warning">
          <span>{t('lock.banner')}</span>
          <button type="button" class="link-button" onClick={() => actions.openPanel('settings')}>
            {t('lock.unlock')}
          </button>
        </div>
      )}
    </div>
  )
}

/** The first line of all, across the page until it is put away. */
export function FirstLine() {
  const { store, actions } = usePage()
  if (!store.isFirstLineShown.value || store.health.value?.mode !== 'sandbox') return null
  if (activeDocument(store)?.isExample !== true) return null
  return (
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
  )
}
