import type { CanvasContext } from './context.ts'
import { shownTitle, stripOf } from './draw-node.ts'
import { EditorNode } from './editor-node.ts'
import type { EditorView } from './editor-view.ts'
import { type LGraphNode, stripHeight } from './lib.ts'
import type { EditorWidget } from './widgets/index.ts'

/** How long a pointer rests before it is answered, ms. */
const rest = 550
/** Shorter texts are never cut where they stand. */
const surelyWhole = 22
const longest = 600

/** What is cut short, and what slots and widgets are for, under a pointer that rests. */
export function bindTooltips(
  view: EditorView,
  context: CanvasContext,
  parts: { element: HTMLElement; layer: HTMLElement },
): void {
  const tip = document.createElement('div')
  tip.className = 'canvas-tip'
  tip.setAttribute('role', 'tooltip')
  tip.hidden = true
  parts.layer.append(tip)
  let timer: ReturnType<typeof setTimeout> | undefined

  function hide(): void {
    clearTimeout(timer)
    tip.hidden = true
  }
  function show(x: number, y: number): void {
    const lines = linesAt(view, context)
    if (lines.length === 0) return
    tip.replaceChildren(
      ...lines.map((line, at) => {
        const element = document.createElement('div')
        if (at > 0) element.className = 'canvas-tip-more'
        element.textContent = line
        return element
      }),
    )
    tip.hidden = false
    const box = parts.layer.getBoundingClientRect()
    tip.style.left = `${Math.max(4, Math.min(x - box.left + 12, box.width - tip.offsetWidth - 4))}px`
    const below = y - box.top + 18
    const isRoom = below + tip.offsetHeight < box.height
    tip.style.top = `${isRoom ? below : Math.max(4, y - box.top - tip.offsetHeight - 10)}px`
  }
  parts.element.addEventListener('pointermove', event => {
    hide()
    if (event.pointerType === 'touch' || event.buttons !== 0) return
    timer = setTimeout(() => show(event.clientX, event.clientY), rest)
  })
  for (const type of ['pointerdown', 'pointerleave', 'wheel', 'keydown'] as const) {
    parts.element.addEventListener(type, hide, { passive: true })
  }
}

function linesAt(view: EditorView, context: CanvasContext): string[] {
  const node = view.node_over
  if (!(node instanceof EditorNode) || !node.mouseOver || view.low_quality) return []
  const { nodeType } = node
  const { inputId, outputId, overWidget } = node.mouseOver
  const label = (name: string) => context.host.labelOf(nodeType, name)
  const help = (text: string | undefined) => context.host.helpOf(text)
  const input = node.inputs[inputId ?? -1]
  const output = node.outputs[outputId ?? -1]
  if (overWidget) return widgetLines(overWidget as unknown as EditorWidget, label, help)
  if (input) {
    const spec = nodeType.sockets.find(({ name }) => name === input.name)
    return lines(`${label(input.name)} · ${String(input.type)}`, help(spec?.tooltip))
  }
  if (output) return lines(`${label(output.name)} · ${String(output.type)}`)
  const y = (view.graph_mouse[1] ?? 0) - node.pos[1]
  if (y < 0) return titleLines(node, help(nodeType.description))
  const strip = y <= stripHeight ? stripOf(context, node)?.text : undefined
  return strip && strip.length > surelyWhole ? [strip.slice(0, longest)] : []
}

function widgetLines(
  { name, spec, value }: EditorWidget,
  label: (name: string) => string,
  help: (text: string | undefined) => string | undefined,
): string[] {
  const written = String(value ?? '')
  const isHeld = spec.kind === 'textarea' || spec.kind === 'markdown' || spec.kind === 'key'
  const isCut = !isHeld && written.length > surelyWhole
  return isCut || spec.tooltip
    ? lines(label(name), isCut ? written.slice(0, longest) : undefined, help(spec.tooltip))
    : []
}

function titleLines(node: LGraphNode, description: string | undefined): string[] {
  const title = shownTitle(node)
  return description || title.length > surelyWhole ? lines(title, description) : []
}

function lines(...texts: (string | undefined)[]): string[] {
  return texts.filter(text => text !== undefined && text !== '') as string[]
}
