import { useState } from 'preact/hooks'
import type { Dialog } from '../app/store.ts'
import { t } from '../i18n/index.ts'
import { BringDialog } from './bring-dialog.tsx'
import { CloudCard } from './cloud-card.tsx'
import { usePage } from './context.ts'
import { ExampleList } from './example-list.tsx'
import { FileKey } from './file-key.tsx'
import { Modal } from './modal.tsx'
import { ReportView } from './report-view.tsx'
import { RunView } from './run-view.tsx'
import { ShortcutList } from './shortcut-list.tsx'
import { SnippetDialog } from './snippet-dialog.tsx'
import { UnknownDialog } from './unknown-dialog.tsx'

export function Dialogs() {
  const { store } = usePage()
  const dialog = store.dialog.value
  if (!dialog) return null
  const close = () => {
    if (store.dialog.value === dialog) store.dialog.value = undefined
  }
  switch (dialog.kind) {
    case 'ask':
      return <Ask key={dialog.text} dialog={dialog} close={close} />
    case 'prompt':
      return <Prompt key={dialog.label} dialog={dialog} close={close} />
    case 'report':
      return (
        <Modal label={t('report.title')} onClose={close}>
          <ReportView report={dialog.report} onClose={close} />
        </Modal>
      )
    case 'file-key':
      return <FileKey dialog={dialog} close={close} />
    case 'cloud':
      return <CloudCard found={dialog} onClose={close} />
    case 'bring':
      return <BringDialog onClose={close} />
    case 'shortcuts':
      return (
        <Modal label={t('view.shortcuts')} onClose={close} class="is-wide">
          <ShortcutList onClose={close} />
        </Modal>
      )
    case 'examples':
      return (
        <Modal label={t('examples.title')} onClose={close} class="is-wide">
          <h2>{t('examples.title')}</h2>
          <ExampleList onOpened={close} />
          <div class="row is-end">
            <button type="button" class="button" onClick={close}>
              {t('common.close')}
            </button>
          </div>
        </Modal>
      )
    case 'snippets':
      return <SnippetDialog onClose={close} />
    case 'unknown':
      return <UnknownDialog key={dialog.seq} seq={dialog.seq} onClose={close} />
    case 'run':
      return (
        <Modal label={t('details.title')} onClose={close} class="is-wide">
          <RunView id={dialog.id} onClose={close} />
        </Modal>
      )
  }
}

function Ask({ dialog, close }: { dialog: Dialog & { kind: 'ask' }; close: () => void }) {
  const answer = (yes: boolean) => {
    close()
    dialog.answer(yes)
  }
  return (
    <Modal label={dialog.text} onClose={() => answer(false)}>
      <p>{dialog.text}</p>
      <div class="row is-end">
        <button type="button" class="button" onClick={() => answer(false)}>
          {t('common.cancel')}
        </button>
        <button
          type="button"
          class={`button ${dialog.isDangerous ? 'is-bad' : ''}`}
          onClick={() => answer(true)}
        >
          {dialog.yes}
        </button>
      </div>
    </Modal>
  )
}

function Prompt({ dialog, close }: { dialog: Dialog & { kind: 'prompt' }; close: () => void }) {
  const [text, setText] = useState(dialog.value)
  const answer = (value: string | undefined) => {
    close()
    dialog.answer(value)
  }
  return (
    <Modal label={dialog.label} onClose={() => answer(undefined)}>
      <form
        onSubmit={event => {
          event.preventDefault()
          answer(text)
        }}
      >
        {/* biome-ignore lint/a11y/noLabelWithoutControl: the field stands in one of two forms inside. */}
        <label class="field-label">
          {dialog.label}
          {dialog.isLong ? (
            <textarea
              class="field is-long"
              value={text}
              onInput={event => setText(event.currentTarget.value)}
            />
          ) : (
            <input class="field" value={text} onInput={event => setText(event.currentTarget.value)} />
          )}
        </label>
        <div class="row is-end">
          <button type="button" class="button" onClick={() => answer(undefined)}>
            {t('common.cancel')}
          </button>
          <button type="submit" class="button">
            {dialog.yes}
          </button>
        </div>
      </form>
    </Modal>
  )
}
