import type { CanvasContext, NodeLike } from './context.ts'

type InlineInput = {
  readonly node: NodeLike
  readonly box: readonly [number, number, number, number]
  readonly label: string
  readonly value: string
  readonly isNumeric?: boolean
  readonly commit: (text: string) => void
}

/** A field over a widget's row while its value is typed. Enter or leaving takes the text, Escape leaves all as it was. */
export function openInlineInput(context: CanvasContext, options: InlineInput): void {
  const input = document.createElement('input')
  input.className = 'inline-input'
  input.value = options.value
  input.setAttribute('aria-label', options.label)
  input.autocomplete = 'off'
  input.spellcheck = false
  if (options.isNumeric) input.inputMode = 'decimal'
  const remove = context.overlay.add({
    element: input,
    node: options.node,
    box: () => options.box,
    minScale: 0,
  })
  let isDone = false
  const close = (how: 'keep' | 'drop'): void => {
    if (isDone) return
    isDone = true
    const { value } = input
    remove()
    if (how === 'keep' && value !== options.value) {
      options.commit(value)
      context.edited()
    }
    context.redraw()
  }
  input.addEventListener('blur', () => close('keep'))
  input.addEventListener('keydown', event => {
    event.stopPropagation()
    if (event.key === 'Enter' && !event.isComposing) close('keep')
    if (event.key === 'Escape') close('drop')
  })
  input.hidden = false
  context.redraw()
  // The pointer that opened it is still down; its release must not take the focus away.
  requestAnimationFrame(() => {
    input.hidden = false
    input.focus()
    input.select()
  })
}
