import { ChevronLeft, ChevronRight, Copy, Download, X } from 'lucide-preact'
import { useEffect, useRef } from 'preact/hooks'
import { t } from '../i18n/index.ts'
import { copyPicture } from '../media/index.ts'
import { usePage } from './context.ts'
import { IconButton } from './icon-button.tsx'

/** One result, as large as the window allows; arrow keys walk through its neighbours. */
export function Lightbox() {
  const { store, api, tell } = usePage()
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
        {item.kind === 'image' && (
          <IconButton
            icon={Copy}
            label={t('gallery.copyImage')}
            onClick={() => void copyPicture(api.viewUrl(item)).catch(error => tell.complain(error))}
          />
        )}
        <a
          class="icon-button"
          href={api.viewUrl(item)}
          download={item.filename}
          aria-label={t('gallery.download')}
          title={t('gallery.download')}
        >
          <Download size={18} aria-hidden="true" />
        </a>
        <IconButton icon={X} label={t('common.close')} keys="Esc" onClick={close} />
      </div>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes too. */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: and so does the button. */}
      <div class="lightbox-stage" onClick={event => event.target === event.currentTarget && close()}>
        {item.kind === 'video' ? (
          // biome-ignore lint/a11y/useMediaCaption: results of people's own runs have none.
          <video src={api.viewUrl(item)} controls autoplay />
        ) : item.kind === 'audio' ? (
          // biome-ignore lint/a11y/useMediaCaption: results of people's own runs have none.
          <audio src={api.viewUrl(item)} controls />
        ) : (
          <img src={api.viewUrl(item)} alt={item.filename} />
        )}
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
