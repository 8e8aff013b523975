import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

/** A dialog of the browser's own kind: focus stays inside, Escape closes, and the focus goes back. */
export function Modal(props: {
  label: string
  class?: string
  onClose: () => void
  children: ComponentChildren
}) {
  const root = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const dialog = root.current
    if (!dialog) return
    dialog.showModal()
    // A long one is read from its top; what takes the focus may lie at its foot.
    if (dialog.scrollTop > 0) {
      dialog.scrollTop = 0
      dialog.focus({ preventScroll: true })
    }
  }, [])
  return (
    <dialog
      ref={root}
      class={`modal ${props.class ?? ''}`}
      aria-label={props.label}
      tabIndex={-1}
      onClose={props.onClose}
      onKeyDown={event => event.stopPropagation()}
    >
      {props.children}
    </dialog>
  )
}
