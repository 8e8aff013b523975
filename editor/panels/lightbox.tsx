import { ChevronLeft, ChevronRight, X } from 'lucide-preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { t } from '../i18n/index.ts'
import type { ResultItem } from '../state/index.ts'
import { usePage } from './context.ts'
import { CopyPicture, DownloadLink } from './file-actions.tsx'
import { IconButton } from './icon-button.tsx'

/** One result, as large as the window allows; arrow keys walk through its neighbours. */
export function Lightbox() {
  const { store } = usePage()
  const root = useRef<HTMLDivElement>(null)
  const shown = store.lightbox.value
  useEffect(() => {
    if (!shown) return
    const before = document.activeElement
    root.current?.focus()
    return () => {
      if (!store.lightbox.value && before instanceof HTMLElement) before.focus()
    }
  }, [shown, store])
  if (!shown) return null
  const { items, at } = shown
  const item = items[at]
  if (!item) return null
  const go = (step: number) => {
    store.lightbox.value = { items, at: (at + step + items.length) % items.length }
  }
  const close = () => {
    store.lightbox.value = undefined
  }
  return (
    <div
      class="lightbox"
      role="dialog"
      aria-modal="true"
      aria-label={item.filename}
      tabIndex={-1}
      ref={root}
      onKeyDown={event => {
        event.stopPropagation()
        if (event.key === 'Escape') close()
        if (event.key === 'ArrowRight') go(1)
        if (event.key === 'ArrowLeft') go(-1)
      }}
    >
      <div class="lightbox-bar">
        <span class="lightbox-name" title={item.filename}>
          {item.filename}
        </span>
        <span>{t('gallery.count', { at: at + 1, of: items.length })}</span>
        {item.kind === 'image' && <CopyPicture file={item} />}
        <DownloadLink file={item} />
        <IconButton icon={X} label={t('common.close')} keys="Esc" onClick={close} />
      </div>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes too. */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: and so does the button. */}
      <div class="lightbox-stage" onClick={event => event.target === event.currentTarget && close()}>
        <Shown item={item} />
      </div>
      {items.length > 1 && (
        <>
          <IconButton
            icon={ChevronLeft}
            label={t('gallery.previous')}
            class="lightbox-previous"
            onClick={() => go(-1)}
          />
          <IconButton
            icon={ChevronRight}
            label={t('gallery.next')}
            class="lightbox-next"
            onClick={() => go(1)}
          />
        </>
      )}
    </div>
  )
}

function Shown({ item }: { item: ResultItem }) {
  const { api } = usePage()
  const url = api.viewUrl(item)
  switch (item.kind) {
    case 'image':
      return <img src={url} alt={item.filename} />
    case 'video':
      // biome-ignore lint/a11y/useMediaCaption: results of people's own runs have none.
      return <video src={url} controls autoplay />
    case 'audio':
      // biome-ignore lint/a11y/useMediaCaption: results of people's own runs have none.
      return <audio src={url} controls />
    case 'text':
      return <TextFile url={url} />
    default:
      return <p class="lightbox-none">{t('gallery.noPreview')}</p>
  }
}

const mostShown = 100_000

function TextFile({ url }: { url: string }) {
  const { tell } = usePage()
  const [text, setText] = useState<string>()
  useEffect(() => {
    const stop = new AbortController()
    fetch(url, { signal: stop.signal })
      .then(answer => answer.text())
      .then(whole => setText(whole.slice(0, mostShown)))
      .catch(error => stop.signal.aborted || tell.complain(error))
    return () => stop.abort()
  }, [url, tell])
  return <pre class="lightbox-text">{text ?? t('details.loading')}</pre>
}
