import { useState } from 'preact/hooks'
import type { KeyChoice } from '../api/index.ts'
import type { Dialog } from '../app/store.ts'
import { t } from '../i18n/index.ts'
import { Modal } from './modal.tsx'

/** Asked before a key of a file goes anywhere: keep it on the server, drop it, or leave the file closed. */
export function FileKey({ dialog, close }: { dialog: Dialog & { kind: 'file-key' }; close: () => void }) {
  const [name, setName] = useState(`key-${dialog.keys[0]?.lastFour.replace(/\W/g, '') ?? ''}`)
  const answer = (choice: KeyChoice | undefined) => {
    close()
    dialog.answer(choice)
  }
  return (
    <Modal label={t('fileKey.title')} onClose={() => answer(undefined)}>
      <form
        autocomplete="off"
        onSubmit={event => {
          event.preventDefault()
          answer({ keys: 'keep', keyName: name.trim() })
        }}
      >
        <h2>{t('fileKey.title')}</h2>
        <p class="breaking">
          {t('fileKey.line', {
            name: dialog.name,
            keys: dialog.keys.map(key => key.lastFour).join(', '),
            nodes: dialog.keys.flatMap(key => key.nodeIds).join(', '),
          })}
        </p>
        <label class="field-label">
          {t('fileKey.name')}
          <input
            class="field"
            value={name}
            required
            maxLength={60}
            pattern="[^<>]+"
            onInput={event => setName(event.currentTarget.value)}
          />
        </label>
        <p class="hint">{t('fileKey.pays')}</p>
        <div class="row is-end">
          <button type="button" class="button" onClick={() => answer(undefined)}>
            {t('common.cancel')}
          </button>
          <button type="button" class="button" onClick={() => answer({ keys: 'remove' })}>
            {t('fileKey.remove')}
          </button>
          <button type="submit" class="button is-main">
            {t('fileKey.keep')}
          </button>
        </div>
      </form>
    </Modal>
  )
}
