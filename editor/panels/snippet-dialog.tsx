import { useEffect, useState } from 'preact/hooks'
import type { Snippets } from '../api/index.ts'
import { copyText } from '../app/files.ts'
import { activeDocument, isUnsaved, snippetLanguages } from '../app/store.ts'
import { t } from '../i18n/index.ts'
import { usePage } from './context.ts'
import { Modal } from './modal.tsx'

/** The open graph as a command or a program, with what to change named on top. */
export function SnippetDialog({ onClose }: { onClose: () => void }) {
  const { store, api, documents, actions, tell } = usePage()
  const [snippets, setSnippets] = useState<Snippets>()
  useEffect(() => {
    const leaving = new AbortController()
    const document = activeDocument(store)
    // What stands in a file can be named; the rest goes along.
    const file = document && !isUnsaved(document) ? document.path : undefined
    api.snippets(documents.text(), file, leaving.signal).then(setSnippets, error => {
      if (leaving.signal.aborted) return
      onClose()
      tell.complain(error)
    })
    return () => leaving.abort()
  }, [])
  const language = store.snippetLanguage.value
  const text = snippets?.[language]
  return (
    <Modal label={t('snippet.title')} onClose={onClose} class="is-wide">
      <h2>{t('snippet.title')}</h2>
      <fieldset class="segments" aria-label={t('snippet.language')}>
        {snippetLanguages.map(name => (
          <button
            key={name}
            type="button"
            aria-pressed={name === language}
            onClick={() => {
              store.snippetLanguage.value = name
            }}
          >
            {t(`snippet.${name}`)}
          </button>
        ))}
      </fieldset>
      {text === null ? (
        <p>{t('snippet.saveFirst')}</p>
      ) : (
        <>
          <p class="hint">
            {t(`snippet.${language}Line`)} {t('snippet.noKey')}
          </p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached with the keyboard. */}
          <pre class="snippet" tabIndex={0}>
            {text}
          </pre>
        </>
      )}
      <div class="row is-end">
        <button type="button" class="button" onClick={onClose}>
          {t('common.close')}
        </button>
        {text === null ? (
          <button type="button" class="button is-main" onClick={() => void actions.saveForCommand()}>
            {t('file.save')}
          </button>
        ) : (
          <Copy key={language} text={text ?? ''} />
        )}
      </div>
    </Modal>
  )
}

function Copy({ text }: { text: string }) {
  const [isDone, setDone] = useState(false)
  return (
    <button
      type="button"
      class="button is-main"
      disabled={text === ''}
      onClick={() => void copyText(text).then(() => setDone(true))}
    >
      {t(isDone ? 'snippet.copied' : 'common.copy')}
    </button>
  )
}
