import type { LucideIcon } from 'lucide-preact'
import type { ComponentChildren } from 'preact'

/** A button that is an icon: its label is its name for everybody who does not see it, and its tooltip. */
export function IconButton(props: {
  icon: LucideIcon
  label: string
  keys?: string
  isPressed?: boolean
  isDisabled?: boolean
  class?: string
  onClick: (event: MouseEvent) => void
  children?: ComponentChildren
}) {
  const { icon: Icon, label, keys } = props
  return (
    <button
      type="button"
      class={`icon-button ${props.class ?? ''}`}
      aria-label={label}
      aria-pressed={props.isPressed}
      title={keys ? `${label} (${keys})` : label}
      disabled={props.isDisabled}
      onClick={props.onClick}
    >
      <Icon size={18} aria-hidden="true" />
      {props.children}
    </button>
  )
}
