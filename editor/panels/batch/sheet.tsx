import { Maximize2, Minimize2, Plus, X } from 'lucide-preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { BatchSummary } from '../../api/index.ts'
import { t } from '../../i18n/index.ts'
import { usePage } from '../context.ts'
import { IconButton } from '../icon-button.tsx'
import { BatchView } from './batch-view.tsx'
import { DraftView } from './draft-view.tsx'

const least = 220
const leftForCanvas = 120

/** Batches, below the canvas: as high as somebody made it, the canvas taking what is left. */
export function BatchSheet() {
  const { store } = usePage()
  return store.isBatchOpen.value ? <OpenSheet /> : null
}

function OpenSheet() {
  const { store, batches } = usePage()
  const root = useRef<HTMLElement>(null)
  const [height, setHeight] = useState(() => Math.round(innerHeight * 0.48))
  const [isFull, setFull] = useState(false)
  const shown = store.batches.value.find(({ id }) => id === store.shownBatch.value)
  useEffect(() => {
    root.current?.focus({ preventScroll: true })
    void batches.refresh()
  }, [batches])
  const bounded = (wanted: number) =>
    Math.max(
      least,
      Math.min(wanted, (root.current?.parentElement?.clientHeight ?? innerHeight) - leftForCanvas),
    )
  const resize = (wanted: number) => {
    setFull(false)
    setHeight(bounded(wanted))
  }
  return (
    <section
      ref={root}
      class={`batch-sheet ${isFull ? 'is-full' : ''}`}
      style={{ height: isFull ? undefined : `${height}px` }}
      aria-label={t('panel.batch')}
      // What is pasted here goes into the table, not onto the canvas.
      tabIndex={-1}
      onKeyDown={event => {
        // What deletes nodes on the canvas deletes none from here.
        if (['Delete', 'Backspace'].includes(event.key)) event.stopPropagation()
        if (event.key !== 'Escape') return
        event.stopPropagation()
        // From the table or a field first to the panel, from there out of it.
        if (event.target === root.current) batches.close()
        else root.current?.focus({ preventScroll: true })
      }}
    >
      <Handle height={height} onHeight={resize} />
      <header class="batch-tabs">
        <h2>{t('panel.batch')}</h2>
        <nav class="batch-strip" aria-label={t('batch.all')}>
          <button
            type="button"
            class="batch-tab"
            aria-current={shown ? undefined : 'page'}
            onClick={() => batches.show(undefined)}
          >
            <Plus size={14} aria-hidden="true" />
            {t('batch.new')}
          </button>
          {store.batches.value.map(batch => (
            <BatchTab key={batch.id} batch={batch} isShown={batch === shown} />
          ))}
        </nav>
        <IconButton
          icon={isFull ? Minimize2 : Maximize2}
          label={isFull ? t('batch.smaller') : t('batch.full')}
          isPressed={isFull}
          onClick={() => setFull(!isFull)}
        />
        <IconButton icon={X} label={t('panel.close')} onClick={batches.close} />
      </header>
      {shown ? <BatchView key={shown.id} batch={shown} /> : <DraftView />}
    </section>
  )
}

function BatchTab({ batch, isShown }: { batch: BatchSummary; isShown: boolean }) {
  const { batches } = usePage()
  const { id, title, state, done, failed, rows } = batch
  return (
    <button
      type="button"
      class="batch-tab"
      aria-current={isShown ? 'page' : undefined}
      title={`${title} · ${new Date(batch.createdAt).toLocaleString()}`}
      onClick={() => batches.show(id)}
    >
      <span class={`batch-dot is-${failed > 0 && state === 'done' ? 'failed' : state}`} aria-hidden="true" />
      <span class="batch-tab-title">{title}</span>
      <small>
        {done}/{rows}
      </small>
    </button>
  )
}

/** The upper edge: dragged, or moved with the arrow keys. */
function Handle({ height, onHeight }: { height: number; onHeight: (height: number) => void }) {
  const from = useRef<{ y: number; height: number } | undefined>(undefined)
  return (
    // biome-ignore lint/a11y/useSemanticElements: a line of the page is not movable.
    <div
      class="batch-handle"
      role="separator"
      aria-orientation="horizontal"
      aria-label={t('batch.resize')}
      aria-valuenow={height}
      aria-valuemin={least}
      aria-valuemax={innerHeight}
      tabIndex={0}
      onPointerDown={event => {
        from.current = { y: event.clientY, height }
        event.currentTarget.setPointerCapture(event.pointerId)
      }}
      onPointerMove={event => {
        if (from.current && event.buttons === 1)
          onHeight(from.current.height + from.current.y - event.clientY)
      }}
      onPointerUp={() => {
        from.current = undefined
      }}
      onKeyDown={event => {
        const step = event.key === 'ArrowUp' ? 32 : event.key === 'ArrowDown' ? -32 : 0
        if (step === 0) return
        event.preventDefault()
        event.stopPropagation()
        onHeight(height + step)
      }}
    />
  )
}
