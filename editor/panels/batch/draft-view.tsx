import { FileSpreadsheet, FolderOpen, Images, List, Redo2, Rows3, Trash2, Undo2 } from 'lucide-preact'
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { t } from '../../i18n/index.ts'
import { emptyTable, removeRows } from '../../state/index.ts'
import { usePage } from '../context.ts'
import { Empty } from '../empty.tsx'
import { IconButton } from '../icon-button.tsx'
import { ColumnCard } from './column-card.tsx'
import { DraftSide } from './draft-side.tsx'
import { filesIn, pickFiles, pickFolder } from './pick-files.ts'
import { type Marked, TableGrid } from './table-grid.tsx'

/** The batch that is being made: its table, and beside it what is done with it. */
export function DraftView() {
  const { batches } = usePage()
  const root = useRef<HTMLDivElement>(null)
  const marked = useRef<Marked>({ from: 0, to: 0 })
  const [card, setCard] = useState<{ column: string; at: { x: number; y: number } }>()
  const [jump, setJump] = useState<{ row: number }>()
  const [isOver, setOver] = useState(false)
  const { columns } = batches.draft.value.table.present
  const onMarked = useCallback((next: Marked) => {
    marked.current = next
  }, [])
  const openCard = (column: string, at: { x: number; y: number }) => setCard({ column, at })
  const openTable = () => void pickFiles('.csv,.tsv,.json,.jsonl,.ndjson,.txt', batches.addFiles)
  usePaste(root)
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: files are dropped on all of it; buttons do the same.
    <div
      class={`batch-draft ${isOver ? 'is-over' : ''}`}
      ref={root}
      onDragOver={event => {
        if (!event.dataTransfer?.types.includes('Files')) return
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={event => {
        if (!(event.relatedTarget instanceof Node && root.current?.contains(event.relatedTarget)))
          setOver(false)
      }}
      onDrop={event => {
        setOver(false)
        if (!event.dataTransfer?.types.includes('Files')) return
        event.preventDefault()
        event.stopPropagation()
        void filesIn(event.dataTransfer).then(batches.addFiles)
      }}
      onKeyDown={event => {
        const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey
        if (!isCommand || isField(event.target)) return
        const key = event.key.toLowerCase()
        if (key === 'z' && !event.shiftKey) batches.undo()
        else if (key === 'y' || key === 'z') batches.redo()
        else return
        event.preventDefault()
        event.stopPropagation()
      }}
    >
      <div class="batch-main">
        <Toolbar openTable={openTable} marked={() => marked.current} />
        {columns.length === 0 ? (
          <div class="batch-empty">
            <Empty text={t('batch.empty')} action={t('batch.openTable')} onAct={openTable} />
          </div>
        ) : (
          <TableGrid root={root} jump={jump} onMarked={onMarked} onColumn={openCard} />
        )}
        {isOver && <div class="batch-drop">{t('batch.dropHere')}</div>}
      </div>
      <DraftSide onColumn={openCard} onJump={row => setJump({ row })} />
      {card && (
        <ColumnCard
          column={card.column}
          at={card.at}
          onRenamed={column => setCard({ ...card, column })}
          onClose={() => setCard(undefined)}
        />
      )}
    </div>
  )
}

function Toolbar(props: { openTable: () => void; marked: () => Marked }) {
  const { store, batches } = usePage()
  const { table } = batches.draft.value
  const upload = store.batchUpload.value
  const typeList = () => {
    store.dialog.value = {
      kind: 'prompt',
      label: t('batch.listLabel'),
      value: '',
      yes: t('batch.listAdd'),
      isLong: true,
      answer: text => text !== undefined && void batches.readText(text, 'lines'),
    }
  }
  return (
    <div class="batch-tools" role="toolbar" aria-label={t('batch.tools')}>
      <button type="button" class="tool-button" onClick={props.openTable} title={t('batch.openTableTitle')}>
        <FileSpreadsheet size={15} aria-hidden="true" />
        <span>{t('batch.openTable')}</span>
      </button>
      <button type="button" class="tool-button" onClick={typeList} title={t('batch.list')}>
        <List size={15} aria-hidden="true" />
        <span>{t('batch.list')}</span>
      </button>
      <button
        type="button"
        class="tool-button"
        title={t('batch.pictures')}
        onClick={() => void pickFiles('image/*,video/*,audio/*', batches.addFiles)}
      >
        <Images size={15} aria-hidden="true" />
        <span>{t('batch.pictures')}</span>
      </button>
      <button
        type="button"
        class="tool-button"
        title={t('batch.folder')}
        onClick={() => void pickFolder(batches.addFiles)}
      >
        <FolderOpen size={15} aria-hidden="true" />
        <span>{t('batch.folder')}</span>
      </button>
      {upload && (
        <span class="batch-upload" role="status">
          {t('batch.uploading', upload)}
          <button type="button" class="link-button" onClick={batches.cancelUpload}>
            {t('batch.cancel')}
          </button>
        </span>
      )}
      <span class="tool-space" />
      <IconButton
        icon={Undo2}
        label={t('batch.undo')}
        keys="Ctrl+Z"
        isDisabled={table.past.length === 0}
        onClick={batches.undo}
      />
      <IconButton
        icon={Redo2}
        label={t('batch.redo')}
        keys="Ctrl+Y"
        isDisabled={table.future.length === 0}
        onClick={batches.redo}
      />
      <IconButton
        icon={Rows3}
        label={t('batch.removeRows')}
        keys="Shift+Delete"
        class="is-remove"
        isDisabled={table.present.rows.length === 0}
        onClick={() => {
          const { from, to } = props.marked()
          batches.edit(before => removeRows(before, from, to))
        }}
      />
      <IconButton
        icon={Trash2}
        label={t('batch.clear')}
        isDisabled={table.present.columns.length === 0}
        onClick={() => batches.edit(() => emptyTable)}
      />
    </div>
  )
}

/** What is pasted while the panel has the focus, but no field and no cell: a whole table, or files. */
function usePaste(root: { readonly current: HTMLElement | null }): void {
  const { batches, store } = usePage()
  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      const sheet = root.current?.closest('.batch-sheet')
      if (!sheet?.contains(document.activeElement) || isField(event.target) || store.dialog.value) return
      const files = [...(event.clipboardData?.files ?? [])]
      // Into cells, the table pastes by itself.
      if (files.length === 0 && document.activeElement?.getAttribute('role') === 'grid') return
      event.preventDefault()
      event.stopImmediatePropagation()
      if (files.length > 0) void batches.addFiles(files)
      else void batches.readText(event.clipboardData?.getData('text/plain') ?? '')
    }
    document.addEventListener('paste', onPaste, true)
    return () => document.removeEventListener('paste', onPaste, true)
  }, [root, batches, store])
}

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)
}
