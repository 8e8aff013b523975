import { ArrowRight, Plus } from 'lucide-preact'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { t } from '../../i18n/index.ts'
import {
  addColumn,
  blockText,
  clearRange,
  type Range,
  readBlock,
  removeRows,
  writeBlock,
  writeCell,
} from '../../state/index.ts'
import { usePage } from '../context.ts'
import { IconButton } from '../icon-button.tsx'
import { Grid, type Place } from './grid.tsx'
import { useTargetWords } from './use-target-words.ts'

type Selection = { readonly anchor: Place; readonly active: Place }
const start: Selection = { anchor: { row: 0, column: 0 }, active: { row: 0, column: 0 } }

/** What is marked, for whoever removes rows. */
export type Marked = { readonly from: number; readonly to: number }

/** The table of a batch as a spreadsheet: the last row is always a new one. */
export function TableGrid(props: {
  root: { readonly current: HTMLElement | null }
  /** A row that is to be looked at. */
  jump: { readonly row: number } | undefined
  onMarked: (marked: Marked) => void
  onColumn: (column: string, at: { x: number; y: number }) => void
}) {
  const { batches } = usePage()
  const { root, jump, onMarked } = props
  const table = batches.draft.value.table.present
  const [selection, setSelection] = useState(start)
  const [editing, setEditing] = useState<{ readonly text: string } | undefined>()
  const describe = useTargetWords()
  const range = rangeOf(selection)
  const { active } = selection
  const go = (row: number, column: number) =>
    setSelection({ anchor: { row, column }, active: { row, column } })
  useEffect(() => onMarked({ from: range.top, to: range.bottom }), [onMarked, range.top, range.bottom])
  useEffect(() => {
    if (jump) go(jump.row, 0)
  }, [jump])
  // Undo may have taken away what was marked.
  useEffect(() => {
    const row = Math.min(active.row, table.rows.length)
    const column = Math.max(0, Math.min(active.column, table.columns.length - 1))
    if (row !== active.row || column !== active.column) go(row, column)
  }, [table])

  const focus = () => root.current?.querySelector<HTMLElement>('[role=grid]')?.focus({ preventScroll: true })
  const finish = (text: string | undefined, to?: { row: number; column: number }) => {
    setEditing(undefined)
    if (text !== undefined) batches.edit(before => writeCell(before, active.row, active.column, text))
    if (!to) return
    go(Math.max(0, to.row), Math.max(0, Math.min(to.column, table.columns.length - 1)))
    focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return
    const isCommand = event.ctrlKey || event.metaKey
    const take = (act: () => void) => {
      event.preventDefault()
      event.stopPropagation()
      act()
    }
    if (event.key === 'Delete' && event.shiftKey) {
      take(() => batches.edit(before => removeRows(before, range.top, range.bottom)))
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      take(() => batches.edit(before => clearRange(before, range)))
    } else if (isCommand && event.key.toLowerCase() === 'a') {
      take(() =>
        setSelection({
          anchor: { row: 0, column: 0 },
          active: { row: Math.max(0, table.rows.length - 1), column: table.columns.length - 1 },
        }),
      )
    } else if (event.key === 'Process') {
      // An input method begins: what it writes belongs into the cell.
      event.stopPropagation()
      setEditing({ text: '' })
    } else if (event.key.length === 1 && !isCommand && !event.altKey) {
      take(() => setEditing({ text: event.key }))
    }
  }
  useClipboard(root, {
    copy: () => blockText(table, range),
    cut: () => batches.edit(before => clearRange(before, range)),
    paste(text) {
      const block = readBlock(text)
      const top = Math.min(range.top, table.rows.length)
      batches.edit(before => writeBlock(before, { row: top, column: range.left }, block))
      setSelection({
        anchor: { row: top, column: range.left },
        active: { row: top + block.length - 1, column: range.left + (block[0]?.length ?? 1) - 1 },
      })
    },
  })

  const columns = useMemo(
    () =>
      table.columns.map((name, at) => ({
        name,
        width: widthOf([name, ...table.rows.slice(0, 60).map(row => row[at] ?? '')]),
      })),
    [table],
  )
  const bindings = batches.bindings.value
  return (
    <Grid
      id="batch-table"
      label={t('batch.table')}
      rowCount={table.rows.length + 1}
      rowHeight={32}
      headHeight={50}
      columns={columns.map(({ name, width }) => {
        const words = describe(bindings.get(name) ?? [])
        return {
          key: name,
          width,
          head: (
            <button
              type="button"
              class="column-button"
              aria-haspopup="dialog"
              title={`${name} → ${words.text}`}
              onClick={event => {
                const box = event.currentTarget.getBoundingClientRect()
                props.onColumn(name, { x: box.left, y: box.bottom + 4 })
              }}
            >
              <span class="column-name">{name}</span>
              <span class={`column-target is-${words.kind}`}>
                {words.kind === 'bound' && <ArrowRight size={12} aria-hidden="true" />}
                <span>{words.text}</span>
              </span>
            </button>
          ),
        }
      })}
      active={active}
      onActive={(place, { extend }) =>
        setSelection(before => ({ anchor: extend ? before.anchor : place, active: place }))
      }
      isSelected={({ row, column }) =>
        row >= range.top && row <= range.bottom && column >= range.left && column <= range.right
      }
      rowHead={row => (row < table.rows.length ? row + 1 : <Plus size={13} aria-hidden="true" />)}
      cell={({ row, column }) => {
        const text = table.rows[row]?.[column] ?? ''
        if (!editing || row !== active.row || column !== active.column) return text
        return (
          <CellField text={editing.text} label={columns[column]?.name ?? ''} at={active} onEnd={finish} />
        )
      }}
      cellClass={({ row, column }) =>
        editing && row === active.row && column === active.column ? 'is-editing' : ''
      }
      end={
        <IconButton
          icon={Plus}
          label={t('batch.addColumn')}
          onClick={() => batches.edit(before => addColumn(before, t('batch.newColumn')))}
        />
      }
      onKeyDown={onKeyDown}
      onOpen={place => {
        go(place.row, place.column)
        setEditing({ text: table.rows[place.row]?.[place.column] ?? '' })
      }}
    />
  )
}

/** The field in a cell: Enter and Tab end it, Alt or Shift with Enter is a line's end, Escape leaves the cell as it was. */
function CellField(props: {
  text: string
  label: string
  at: Place
  onEnd: (text: string | undefined, to?: Place) => void
}) {
  const field = useRef<HTMLTextAreaElement>(null)
  const isOver = useRef(false)
  const { row, column } = props.at
  const end = (text: string | undefined, to?: Place) => {
    if (isOver.current) return
    isOver.current = true
    props.onEnd(text, to)
  }
  useLayoutEffect(() => {
    // Before the next letter arrives.
    field.current?.focus({ preventScroll: true })
    field.current?.setSelectionRange(props.text.length, props.text.length)
  }, [])
  return (
    <textarea
      ref={field}
      class="cell-field"
      aria-label={props.label}
      rows={1}
      defaultValue={props.text}
      onBlur={event => end(event.currentTarget.value)}
      onPointerDown={event => event.stopPropagation()}
      onKeyDown={event => {
        event.stopPropagation()
        if (event.isComposing) return
        const { value } = event.currentTarget
        if (event.key === 'Escape') end(undefined, props.at)
        else if (event.key === 'Tab') end(value, { row, column: column + (event.shiftKey ? -1 : 1) })
        else if (event.key === 'Enter' && !event.altKey && !event.shiftKey)
          end(value, { row: row + 1, column })
        else if (event.key === 'Enter' && event.altKey) {
          const { selectionStart, selectionEnd } = event.currentTarget
          event.currentTarget.setRangeText('\n', selectionStart, selectionEnd, 'end')
        } else return
        event.preventDefault()
      }}
    />
  )
}

/** The clipboard while the table has the focus; the browser tells the page, not the element, of it. */
function useClipboard(
  root: { readonly current: HTMLElement | null },
  acts: { copy: () => string; cut: () => void; paste: (text: string) => void },
): void {
  // With the picture, not after it: what is copied is what is seen.
  useLayoutEffect(() => {
    const isHere = () => {
      const focused = document.activeElement
      return focused?.getAttribute('role') === 'grid' && (root.current?.contains(focused) ?? false)
    }
    const on = (type: 'copy' | 'cut' | 'paste', act: (data: DataTransfer) => void) => {
      const listener = (event: ClipboardEvent) => {
        if (!isHere() || !event.clipboardData) return
        if (type === 'paste' && event.clipboardData.files.length > 0) return
        event.preventDefault()
        event.stopImmediatePropagation()
        act(event.clipboardData)
      }
      document.addEventListener(type, listener, true)
      return () => document.removeEventListener(type, listener, true)
    }
    const offs = [
      on('copy', data => data.setData('text/plain', acts.copy())),
      on('cut', data => {
        data.setData('text/plain', acts.copy())
        acts.cut()
      }),
      on('paste', data => acts.paste(data.getData('text/plain'))),
    ]
    return () => {
      for (const off of offs) off()
    }
  })
}

function rangeOf({ anchor, active }: Selection): Range {
  return {
    top: Math.min(anchor.row, active.row),
    bottom: Math.max(anchor.row, active.row),
    left: Math.min(anchor.column, active.column),
    right: Math.max(anchor.column, active.column),
  }
}

/** Pixels for the longest of some texts, within reason; Chinese signs are twice as wide. */
export function widthOf(texts: readonly string[]): number {
  const longest = Math.max(
    ...texts.map(text => [...text.slice(0, 60)].reduce((sum, sign) => sum + (sign > '\u2e7f' ? 2 : 1), 0)),
  )
  return Math.max(130, Math.min(340, longest * 7 + 28))
}
