import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'

/** A search field over a list: arrow keys mark an item, Enter takes it, a press takes any. */
export function PickList<T>(props: {
  placeholder: string
  none: string
  /** The items that fit what is typed, best first. */
  find: (text: string) => readonly T[]
  keyOf: (item: T) => string
  show: (item: T) => ComponentChildren
  isChosen?: (item: T) => boolean
  class?: string
  onPick: (item: T) => void
}) {
  const [text, setText] = useState('')
  const [marked, setMarked] = useState(0)
  const list = useRef<HTMLDivElement>(null)
  const found = props.find(text)
  useLayoutEffect(() => {
    list.current?.querySelector(`:nth-child(${marked + 1})`)?.scrollIntoView({ block: 'nearest' })
  }, [marked])
  return (
    <>
      <input
        type="search"
        class="field"
        data-first
        placeholder={props.placeholder}
        aria-label={props.placeholder}
        value={text}
        onInput={event => {
          setText(event.currentTarget.value)
          setMarked(0)
        }}
        onKeyDown={event => {
          if (event.isComposing) return
          if (event.key === 'ArrowDown') setMarked(Math.min(found.length - 1, marked + 1))
          else if (event.key === 'ArrowUp') setMarked(Math.max(0, marked - 1))
          else if (event.key === 'Enter') {
            const chosen = found[marked]
            if (chosen !== undefined) props.onPick(chosen)
          } else return
          event.preventDefault()
        }}
      />
      <div class="picker-list" ref={list}>
        {found.map((item, at) => (
          <button
            key={props.keyOf(item)}
            type="button"
            class={`picker-item ${props.class ?? ''} ${at === marked ? 'is-marked' : ''} ${props.isChosen?.(item) ? 'is-chosen' : ''}`}
            title={props.keyOf(item)}
            // One mark, whether the keys or the pointer moved it.
            onPointerMove={() => setMarked(at)}
            onClick={() => props.onPick(item)}
          >
            {props.show(item)}
          </button>
        ))}
        {found.length === 0 && <p class="empty-line">{props.none}</p>}
      </div>
    </>
  )
}
