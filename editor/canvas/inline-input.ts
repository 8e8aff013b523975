import type { CanvasContext, NodeLike } from './context.ts'

type InlineInput = {
  readonly node: NodeLike
  readonly box: readonly [number, number, number, number]
  readonly label: string
  readonly value: string
  /** What was typed to open it, in the place of the value. */
  readonly typed?: string
  readonly isNumeric?: boolean
  /** Several lines: Enter is one of them. */
  readonly isLong?: boolean
  /** The widget it belongs to: Tab goes on to the next one. */
  readonly widget?: object
  readonly commit: (text: string) => void
}

/** A field over a widget's row while its value is typed. Enter, Tab or leaving takes the text, Escape leaves all as it was. */
export function openInlineInput(context: CanvasContext, options: InlineInput): void {
  const input = document.createElement(options.isLong ? 'textarea' : 'input')
  input.className = options.isLong ? 'inline-input is-long' : 'inline-input'
  input.value = options.typed ?? options.value
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
    const { key } = event as KeyboardEvent
    const { isComposing, shiftKey, ctrlKey, metaKey } = event as KeyboardEvent
    event.stopPropagation()
    if (isComposing) return
    if (key === 'Enter' && (!options.isLong || ctrlKey || metaKey)) close('keep')
    else if (key === 'Escape') close(options.isLong ? 'keep' : 'drop')
    else if (key === 'Tab' && options.widget) {
      event.preventDefault()
      close('keep')
      if (context.keys.moveOn(options.node, options.widget, shiftKey)) return
    } else return
    context.keys.takeBack()
  })
  input.hidden = false
  context.redraw()
  // The pointer that opened it is still down; its release must not take the focus away.
  requestAnimationFrame(() => {
    input.hidden = false
    input.focus()
    if (options.typed === undefined) input.select()
  })
}
