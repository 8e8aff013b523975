import type { CanvasContext, WidgetKeys } from './context.ts'
import type { EditorView } from './editor-view.ts'
import type { LGraphNode } from './lib.ts'
import type { SubgraphPath } from './subgraph-path.ts'
import type { EditorWidget } from './widgets/index.ts'

const forward = new Set(['ArrowRight', 'ArrowUp'])
const back = new Set(['ArrowLeft', 'ArrowDown'])

/**
 * Values by keyboard: with a node chosen, Tab goes through its widgets, Enter opens one, arrows change it, Escape lets go. Past the last
 * widget Tab leaves the canvas, as everywhere.
 */
export function createWidgetKeys(
  view: EditorView,
  parts: {
    context: () => CanvasContext
    path: SubgraphPath
    parent: HTMLElement
    element: HTMLElement
    /** What screen readers hear. */
    live: HTMLElement
    /** Moves the view so far that a place of a node is seen. */
    bringIntoView: (node: LGraphNode, y: number) => void
  },
): WidgetKeys {
  const { element, live } = parts
  /** By name, because undo makes new nodes. */
  let focus: { address: string; name: string } | undefined
  let hasStepped = false

  const widgetsOf = (node: LGraphNode): EditorWidget[] =>
    ((node.widgets ?? []) as unknown as EditorWidget[]).filter(
      widget => !widget.hidden && !widget.computedDisabled && (widget.open ?? widget.field),
    )

  function current(): { node: LGraphNode; widget: EditorWidget } | undefined {
    const node = focus && parts.path.find(focus.address)
    const widget = node && !node.collapsed && widgetsOf(node).find(({ name }) => name === focus?.name)
    return node && widget ? { node, widget } : undefined
  }

  function say(widget: EditorWidget): void {
    live.textContent = `${widget.label ?? widget.name}: ${String(widget.value ?? '')}`
  }

  function focusOn(node: LGraphNode, widget: EditorWidget): void {
    const context = parts.context()
    focus = { address: context.addressOf(node), name: widget.name }
    parts.bringIntoView(node, widget.y)
    say(widget)
    if (widget.field && widget.owner === node) {
      widget.field.hidden = false
      widget.field.focus()
    } else element.focus()
    context.redraw()
  }

  function drop(): void {
    if (!focus) return
    focus = undefined
    live.textContent = ''
    parts.context().redraw()
  }

  function neighbour(
    node: LGraphNode,
    widget: object | undefined,
    isBack: boolean,
  ): EditorWidget | undefined {
    const all = widgetsOf(node)
    const at = all.findIndex(candidate => candidate === widget || candidate.core === widget)
    if (at < 0) return isBack ? all.at(-1) : all[0]
    return all[at + (isBack ? -1 : 1)]
  }

  function onTab(isBack: boolean): boolean {
    const now = current()
    const [only, ...more] = view.selectedNodes()
    const node = now?.node ?? (more.length === 0 && only && !only.collapsed ? only : undefined)
    const next = node && neighbour(node, now?.widget, isBack)
    if (node && next) focusOn(node, next)
    else drop()
    return next !== undefined
  }

  function onKey(event: KeyboardEvent): boolean {
    if (event.ctrlKey || event.metaKey || event.altKey) return false
    if (event.key === 'Tab') return onTab(event.shiftKey)
    const now = current()
    if (!now) return false
    const { node, widget } = now
    if (event.key === 'Escape') {
      drop()
      return true
    }
    if (event.key === 'Enter' || event.key === ' ' || event.key === 'F2') {
      widget.open?.(node as never, widget)
      say(widget)
      return true
    }
    if (/^[-\d]$/.test(event.key) && widget.spec.kind === 'number') {
      widget.open?.(node as never, widget, event.key)
      return true
    }
    const direction = forward.has(event.key) ? 1 : back.has(event.key) ? -1 : 0
    if (direction === 0 || !widget.step) return false
    widget.step(direction * (event.shiftKey ? 10 : 1), event.key === 'ArrowUp' || event.key === 'ArrowDown')
    hasStepped = true
    say(widget)
    parts.context().redraw()
    return true
  }

  // Before the library, for which a space is the hand.
  parts.parent.addEventListener(
    'keydown',
    event => {
      if (event.target !== element || !onKey(event)) return
      event.preventDefault()
      event.stopPropagation()
    },
    true,
  )
  // However long an arrow is held, it is one step of undo.
  element.addEventListener('keyup', () => {
    if (!hasStepped) return
    hasStepped = false
    parts.context().edited()
  })
  element.addEventListener('pointerdown', drop)

  return {
    isFocused: widget => {
      const now = focus && current()
      return now !== undefined && (now.widget === widget || now.widget.core === widget)
    },
    moveOn(node, widget, isBack) {
      const at = parts.path.find(parts.context().addressOf(node))
      const next = at && neighbour(at, widget, isBack)
      if (at && next) focusOn(at, next)
      return next !== undefined
    },
    takeBack: () => element.focus(),
  }
}
