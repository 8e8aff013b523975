import { useState } from 'preact/hooks'
import { t } from '../i18n/index.ts'
import { AppSearch } from './app-search.tsx'
import { usePage } from './context.ts'
import { Modal } from './modal.tsx'

/** What is brought from elsewhere: a link, an id or a workflow as text, or an AI app that is found by words. */
export function BringDialog({ onClose }: { onClose: () => void }) {
  const { actions } = usePage()
  const [text, setText] = useState('')
  const bring = (what: string) => {
    onClose()
    void actions.bringText(what)
  }
  return (
    <Modal label={t('paste.title')} onClose={onClose} class="is-medium">
      <h2>{t('paste.title')}</h2>
      <form
        onSubmit={event => {
          event.preventDefault()
          bring(text)
        }}
      >
        <label class="field-label">
          {t('paste.label')}
          <textarea
            class="field paste-field"
            required
            value={text}
            onInput={event => setText(event.currentTarget.value)}
          />
        </label>
        <div class="row is-end">
          <button type="submit" class="button is-main">
            {t('paste.open')}
          </button>
        </div>
      </form>
      <AppSearch onPick={bring} />
      <div class="row is-end">
        <button type="button" class="button" onClick={onClose}>
          {t('common.cancel')}
        </button>
      </div>
    </Modal>
  )
}
