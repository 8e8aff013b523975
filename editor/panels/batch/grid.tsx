import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'

export type Place = { readonly row: number; readonly column: number }

export type GridColumn = { readonly key: string; readonly width: number; readonly head: ComponentChildren }

type GridProps = {
  readonly id: string
  readonly label: string
  readonly rowCount: number
  readonly rowHeight: number
  readonly headHeight: number
  readonly columns: readonly GridColumn[]
  readonly active: Place
  readonly onActive: (place: Place, how: { readonly extend: boolean }) => void
  readonly isSelected?: (place: Place) => boolean
  readonly rowHead: (row: number) => ComponentChildren
  readonly cell: (place: Place) => ComponentChildren
  readonly cellClass?: (place: Place) => string
  readonly rowClass?: (row: number) => string
  /** Before the grid's own keys; what it takes it prevents. */
  readonly onKeyDown?: (event: KeyboardEvent) => void
  /** Enter, F2 or a double press. */
  readonly onOpen: (place: Place) => void
  /** What stands behind the last column's head. */
  readonly end?: ComponentChildren
  /** Rows that are drawn, from and to. */
  readonly onVisible?: (from: number, to: number) => void
}

const numberWidth = 56
/** Rows are drawn in steps: scrolling within one draws nothing. */
const step = 4

/**
 * A table of which only the rows in view are there, however many it has. One stop of the Tab key; arrows move the active cell
 * (WAI-ARIA: grid).
 */
export function Grid(props: GridProps) {
  const { id, rowCount, rowHeight, headHeight, columns, active } = props
  const scroller = useRef<HTMLDivElement>(null)
  const [view, setView] = useState({ first: 0, count: 40 })
  const look = () => {
    const place = scroller.current
    if (!place) return
    const first = Math.max(0, Math.floor(place.scrollTop / rowHeight / step) - 1) * step
    const count = (Math.ceil(place.clientHeight / rowHeight / step) + 3) * step
    setView(before => (before.first === first && before.count === count ? before : { first, count }))
  }
  useLayoutEffect(() => {
    look()
    if (!scroller.current) return
    const watch = new ResizeObserver(look)
    watch.observe(scroller.current)
    return () => watch.disconnect()
  }, [rowHeight])
  const first = Math.max(0, Math.min(view.first, rowCount - step))
  const last = Math.min(rowCount, first + view.count)
  const { onVisible } = props
  useEffect(() => onVisible?.(first, last), [first, last, onVisible])
  useLayoutEffect(() => {
    const place = scroller.current
    if (!place || rowCount === 0) return
    const top = active.row * rowHeight
    const height = place.clientHeight - headHeight
    if (top < place.scrollTop) place.scrollTop = top
    else if (top + rowHeight > place.scrollTop + height) place.scrollTop = top + rowHeight - height
    const left = columns.slice(0, active.column).reduce((sum, { width }) => sum + width, 0)
    const width = columns[active.column]?.width ?? 0
    const room = place.clientWidth - numberWidth
    if (left < place.scrollLeft) place.scrollLeft = left
    else if (left + width > place.scrollLeft + room) place.scrollLeft = Math.min(left, left + width - room)
    // Only when the active cell moves: whoever scrolls on looks elsewhere.
  }, [active])

  const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 2)
  const onKeyDown = (event: KeyboardEvent) => {
    props.onKeyDown?.(event)
    if (event.defaultPrevented || event.target !== event.currentTarget) return
    if (event.key === 'Enter' || event.key === 'F2') {
      event.preventDefault()
      event.stopPropagation()
      return props.onOpen(active)
    }
    const to = moved(active, event, { rows: rowCount, columns: columns.length, page })
    if (!to) return
    event.preventDefault()
    event.stopPropagation()
    props.onActive(to, { extend: event.shiftKey && event.key !== 'Tab' })
  }
  const pointedAt = (event: Event): Place | undefined => {
    const cell = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-row]') : null
    return cell ? { row: Number(cell.dataset.row), column: Number(cell.dataset.column) } : undefined
  }
  const width = numberWidth + columns.reduce((sum, column) => sum + column.width, 0)
  const template = [numberWidth, ...columns.map(column => column.width)].map(size => `${size}px`).join(' ')
  const isDrawn = active.row >= first && active.row < last
  return (
    <div class="grid-scroll" ref={scroller} onScroll={look}>
      {/* biome-ignore lint/a11y/useSemanticElements: a table of which most rows are not there is none to a browser. */}
      <div
        role="grid"
        class="grid"
        tabIndex={0}
        aria-label={props.label}
        aria-rowcount={rowCount + 1}
        aria-colcount={columns.length + 1}
        aria-activedescendant={isDrawn ? `${id}-${active.row}-${active.column}` : undefined}
        style={{
          width: `${width}px`,
          height: `${headHeight + rowCount * rowHeight}px`,
          '--columns': template,
        }}
        onKeyDown={onKeyDown}
        onPointerDown={event => {
          const at = event.button === 0 ? pointedAt(event) : undefined
          if (at) props.onActive(at, { extend: event.shiftKey })
        }}
        onPointerMove={event => {
          if (event.buttons !== 1 || event.pointerType === 'touch') return
          const at = pointedAt(event)
          if (at && (at.row !== active.row || at.column !== active.column))
            props.onActive(at, { extend: true })
        }}
        onDblClick={event => {
          const at = pointedAt(event)
          if (at) props.onOpen(at)
        }}
      >
        {/* biome-ignore lint/a11y/useSemanticElements: see above. */}
        {/* biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus. */}
        <div role="row" class="grid-row grid-head" aria-rowindex={1} style={{ height: `${headHeight}px` }}>
          {/* biome-ignore lint/a11y/useSemanticElements: see above. */}
          {/* biome-ignore lint/a11y/useFocusableInteractive: see above. */}
          <div role="columnheader" class="grid-number" aria-colindex={1}>
            #
          </div>
          {columns.map((column, at) => (
            // biome-ignore lint/a11y/useSemanticElements: see above.
            // biome-ignore lint/a11y/useFocusableInteractive: see above.
            <div key={column.key} role="columnheader" class="grid-head-cell" aria-colindex={at + 2}>
              {column.head}
            </div>
          ))}
        </div>
        {/* biome-ignore lint/a11y/useSemanticElements: see above. */}
        <div role="rowgroup" class="grid-body" style={{ transform: `translateY(${headHeight}px)` }}>
          {Array.from({ length: Math.max(0, last - first) }, (_, offset) => {
            const row = first + offset
            return (
              // biome-ignore lint/a11y/useSemanticElements: see above.
              // biome-ignore lint/a11y/useFocusableInteractive: see above.
              <div
                key={row}
                role="row"
                class={`grid-row ${props.rowClass?.(row) ?? ''}`}
                aria-rowindex={row + 2}
                // Each at its own place: what stays in view while others come is neither laid out nor painted again.
                style={{ height: `${rowHeight}px`, transform: `translateY(${row * rowHeight}px)` }}
              >
                {/* biome-ignore lint/a11y/useSemanticElements: see above. */}
                {/* biome-ignore lint/a11y/useFocusableInteractive: see above. */}
                <div role="rowheader" class="grid-number" aria-colindex={1}>
                  {props.rowHead(row)}
                </div>
                {columns.map((column, at) => {
                  const place = { row, column: at }
                  const isActive = active.row === row && active.column === at
                  const isSelected = props.isSelected?.(place) ?? isActive
                  return (
                    // biome-ignore lint/a11y/useSemanticElements: see above.
                    // biome-ignore lint/a11y/useFocusableInteractive: see above.
                    <div
                      key={column.key}
                      id={`${id}-${row}-${at}`}
                      role="gridcell"
                      class={`grid-cell ${isActive ? 'is-active' : ''} ${isSelected ? 'is-selected' : ''} ${props.cellClass?.(place) ?? ''}`}
                      aria-colindex={at + 2}
                      aria-selected={isSelected}
                      data-row={row}
                      data-column={at}
                    >
                      {props.cell(place)}
                    </div>
                  )
                })}
              </div>
            )
          })}
        </div>
      </div>
      {props.end && (
        <div class="grid-end" style={{ height: `${headHeight}px` }}>
          {props.end}
        </div>
      )}
    </div>
  )
}

/** Where a key leads to, as in a spreadsheet; undefined for a key that leads nowhere. */
function moved(
  { row, column }: Place,
  event: KeyboardEvent,
  size: { readonly rows: number; readonly columns: number; readonly page: number },
): Place | undefined {
  if (event.altKey || size.rows === 0) return undefined
  const far = event.ctrlKey || event.metaKey
  const at = (down: number, across: number): Place => ({
    row: Math.max(0, Math.min(size.rows - 1, down)),
    column: Math.max(0, Math.min(size.columns - 1, across)),
  })
  switch (event.key) {
    case 'ArrowDown':
      return at(far ? size.rows - 1 : row + 1, column)
    case 'ArrowUp':
      return at(far ? 0 : row - 1, column)
    case 'ArrowRight':
      return at(row, far ? size.columns - 1 : column + 1)
    case 'ArrowLeft':
      return at(row, far ? 0 : column - 1)
    case 'PageDown':
      return at(row + size.page, column)
    case 'PageUp':
      return at(row - size.page, column)
    case 'Home':
      return at(far ? 0 : row, 0)
    case 'End':
      return at(far ? size.rows - 1 : row, size.columns - 1)
    case 'Tab': {
      const next = row * size.columns + column + (event.shiftKey ? -1 : 1)
      // At either end it leaves the table, as everywhere.
      if (next < 0 || next >= size.rows * size.columns) return undefined
      return at(Math.floor(next / size.columns), next % size.columns)
    }
    default:
      return undefined
  }
}
