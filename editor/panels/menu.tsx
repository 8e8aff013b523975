import { Floating } from './floating.tsx'

export type MenuItem =
  | {
      readonly label: string
      readonly keys?: string
      readonly isDisabled?: boolean
      readonly act: () => void
    }
  | 'line'

export function Menu(props: {
  at: { x: number; y: number }
  label: string
  items: readonly MenuItem[]
  onClose: () => void
}) {
  return (
    <Floating at={props.at} label={props.label} role="menu" class="menu" onClose={props.onClose}>
      {props.items.map((item, at) =>
        item === 'line' ? (
          <hr key={`line-${at}`} />
        ) : (
          <button
            key={item.label}
            type="button"
            role="menuitem"
            disabled={item.isDisabled}
            onClick={() => {
              props.onClose()
              item.act()
            }}
          >
            <span>{item.label}</span>
            {item.keys && <kbd>{item.keys}</kbd>}
          </button>
        ),
      )}
    </Floating>
  )
}
