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
    root.current?.showModal()
  }, [])
  return (
    <dialog
      ref={root}
      class={`modal ${props.class ?? ''}`}
      aria-label={props.label}
      onClose={props.onClose}
      onKeyDown={event => event.stopPropagation()}
    >
      {props.children}
    </dialog>
  )
}
