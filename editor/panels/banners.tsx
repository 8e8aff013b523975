import { X } from 'lucide-preact'
import { activeDocument } from '../app/store.ts'
import { t } from '../i18n/index.ts'
import { usePage } from './context.ts'
import { IconButton } from './icon-button.tsx'

/** Lines across the page: what must be known now, and the first line of all. */
export function Banners() {
  const { store, actions } = usePage()
  const document = activeDocument(store)
  const showsFirst =
    store.isFirstLineShown.value && store.health.value?.mode === 'sandbox' && document?.isExample === true
  return (
    <>
      {store.connection.value === 'lost' && (
        <div class="banner is-warning" role="status">
          {t('status.lost')}
        </div>
      )}
      {store.isOpenElsewhere.value && (
        <div class="banner is-warning" role="status">
          {t('file.openElsewhere', { name: document?.name ?? '' })}
          <button type="button" class="link-button" onClick={() => void actions.saveAs()}>
            {t('file.saveAs')}
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
          <button type="button" class="link-button" onClick={() => void actions.pasteText()}>
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
