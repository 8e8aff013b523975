import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'

/** Something that opens at a point, stays inside the window, and closes by Escape or a press elsewhere. */
export function Floating(props: {
  at: { x: number; y: number }
  label: string
  role?: 'menu' | 'dialog' | 'listbox'
  class?: string
  onClose: () => void
  children: ComponentChildren
}) {
  const root = useRef<HTMLDivElement>(null)
  const opener = useRef<Element | null>(null)
  const { onClose } = props
  useLayoutEffect(() => {
    const element = root.current
    if (!element) return
    const { width, height } = element.getBoundingClientRect()
    element.style.left = `${Math.max(8, Math.min(props.at.x, innerWidth - width - 8))}px`
    element.style.top = `${Math.max(8, Math.min(props.at.y, innerHeight - height - 8))}px`
  })
  useEffect(() => {
    const before = document.activeElement
    opener.current = before
    const first = root.current?.querySelector<HTMLElement>('[data-first], input, button')
    first?.focus({ preventScroll: true })
    const onPress = (event: PointerEvent) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) onClose()
    }
    window.addEventListener('pointerdown', onPress, true)
    return () => {
      window.removeEventListener('pointerdown', onPress, true)
      if (before instanceof HTMLElement && document.activeElement === document.body) before.focus()
    }
  }, [onClose])
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: its role is given, dialog when nothing else.
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: so is its label.
    <div
      ref={root}
      class={`floating ${props.class ?? ''}`}
      role={props.role ?? 'dialog'}
      aria-label={props.label}
      onKeyDown={event => {
        event.stopPropagation()
        if (event.key === 'Escape') {
          onClose()
          // Whoever came by the keyboard goes on from where it was opened.
          if (opener.current instanceof HTMLButtonElement) opener.current.focus()
        }
        if (props.role === 'menu') moveFocus(event, root.current)
      }}
    >
      {props.children}
    </div>
  )
}

function moveFocus(event: KeyboardEvent, root: HTMLElement | null): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
  const items = [...(root?.querySelectorAll<HTMLElement>('button:not(:disabled)') ?? [])]
  const at = items.indexOf(document.activeElement as HTMLElement)
  const next = items[(at + (event.key === 'ArrowDown' ? 1 : -1) + items.length) % items.length]
  next?.focus()
  event.preventDefault()
}
