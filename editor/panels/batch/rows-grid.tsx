import { CircleAlert, CircleCheck, CircleDashed, LoaderCircle } from 'lucide-preact'
import { useCallback, useEffect, useMemo, useReducer, useState } from 'preact/hooks'
import type { BatchRow, BatchRowState, BatchSummary } from '../../api/index.ts'
import { fromServer, t, type WordKey } from '../../i18n/index.ts'
import { formatDuration } from '../../state/index.ts'
import { usePage } from '../context.ts'
import { Grid, type Place } from './grid.tsx'
import { RowCard } from './row-card.tsx'
import { createRowPages } from './row-pages.ts'
import { widthOf } from './table-grid.tsx'

const signs = { waiting: CircleDashed, running: LoaderCircle, done: CircleCheck, failed: CircleAlert }
/** The column's name (our own begin with a space, which no column of a table does), its width, and its head in words. */
type Head = readonly [name: string, width: number, words: WordKey | undefined]
const reason: Head = [' reason', 300, 'batch.reason']
const first: Place = { row: 0, column: 0 }

/** What became of every row, as the server has it. */
export function RowsGrid({ batch, filter }: { batch: BatchSummary; filter: BatchRowState | 'all' }) {
  const { api } = usePage()
  const { id } = batch
  const [, redraw] = useReducer((count: number) => count + 1, 0)
  const [active, setActive] = useState(first)
  const [opened, setOpened] = useState<number>()
  const pages = useMemo(
    () =>
      createRowPages(
        page => api.batchRows(id, filter === 'all' ? page : { ...page, state: filter }),
        () => redraw(undefined),
      ),
    [api, id, filter],
  )
  const onVisible = useCallback((from: number, to: number) => pages.want(from, to), [pages])
  // Every message says that some row has changed.
  useEffect(() => pages.refresh(), [pages, batch])
  const count = filter === 'all' ? batch.rows : batch[filter]
  const heads: readonly Head[] = [
    [' state', 118, 'batch.state'],
    [' result', 76, 'batch.result'],
    // Whoever looks at what failed wants to know why.
    ...(filter === 'failed' ? [reason] : []),
    ...batch.columns.map((name): Head => [name, widthOf([name, 'x'.repeat(18)]), undefined]),
    ...(filter === 'failed' ? [] : [reason]),
    [' coins', 80, 'batch.coins'],
    [' took', 80, 'batch.took'],
    [' task', 190, 'batch.task'],
  ]
  const cell = ({ row, column }: Place) => {
    const found = pages.at(row)
    const [name] = heads[column] ?? ['']
    if (!found) return column === 0 ? <span class="row-absent">…</span> : null
    switch (name) {
      case ' state':
        return <RowSign state={found.state} />
      case ' result':
        return <Thumb row={found} />
      case ' task':
        return found.taskIds.length > 1
          ? `${found.taskIds[0]} +${found.taskIds.length - 1}`
          : found.taskIds[0]
      case ' coins':
        return found.coins > 0 ? found.coins : ''
      case ' took':
        return found.startedAt !== null && found.finishedAt !== null
          ? formatDuration(found.finishedAt - found.startedAt)
          : ''
      case ' reason':
        return found.error ? (
          <span class="row-reason" title={fromServer(found.error.message)}>
            {fromServer(found.error.message)}
          </span>
        ) : (
          <span class="row-text">{found.files.length === 0 ? found.text : ''}</span>
        )
      default: {
        const value = found.values[name] ?? ''
        return (
          <span class="row-text" title={value}>
            {value}
          </span>
        )
      }
    }
  }
  const shown = opened === undefined ? undefined : pages.at(opened)
  return (
    <>
      <Grid
        id="batch-rows"
        label={t('batch.rowsOf', { title: batch.title })}
        rowCount={count}
        rowHeight={44}
        headHeight={32}
        columns={heads.map(([name, width, key]) => ({
          key: name,
          width,
          head: <span class="column-name">{key ? t(key) : name}</span>,
        }))}
        active={active}
        onActive={setActive}
        rowHead={row => {
          const found = pages.at(row)
          return found ? found.index + 1 : ''
        }}
        rowClass={row => `is-${pages.at(row)?.state ?? 'absent'}`}
        cell={cell}
        onOpen={({ row }) => setOpened(row)}
        onVisible={onVisible}
        onKeyDown={event => {
          if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'c') return
          const node = document.getElementById(`batch-rows-${active.row}-${active.column}`)
          void navigator.clipboard?.writeText(node?.textContent ?? '')
          event.preventDefault()
          event.stopPropagation()
        }}
      />
      {shown && <RowCard row={shown} columns={batch.columns} onClose={() => setOpened(undefined)} />}
      {count === 0 && <p class="empty-line rows-none">{t('batch.noneSo')}</p>}
    </>
  )
}

export function RowSign({ state }: { state: BatchRowState }) {
  const Sign = signs[state]
  return (
    <span class={`row-sign is-${state}`}>
      <Sign size={15} aria-hidden="true" />
      {t(`batch.row.${state}` as WordKey)}
    </span>
  )
}

function Thumb({ row }: { row: BatchRow }) {
  const { api, store } = usePage()
  const [file] = row.files
  if (!file) return null
  const seen = row.files.filter(({ kind }) => kind === 'image' || kind === 'video')
  if (!seen.includes(file)) {
    return (
      <a
        class="row-file"
        href={api.viewUrl(file)}
        download={file.filename}
        tabIndex={-1}
        title={file.filename}
      >
        {file.filename.split('.').at(-1)}
      </a>
    )
  }
  return (
    <span class="row-results">
      <button
        type="button"
        class="row-thumb"
        tabIndex={-1}
        aria-label={t('gallery.open', { name: file.filename })}
        onClick={() => {
          store.lightbox.value = { items: seen, at: 0 }
        }}
      >
        <img src={api.viewUrl(file, { thumbnail: true })} alt="" loading="lazy" decoding="async" />
      </button>
      {row.files.length > 1 && <span class="row-more">{row.files.length}</span>}
    </span>
  )
}
