import { useState } from 'preact/hooks'
import type { DroppedLink } from '../canvas/index.ts'
import { categoryTitle, t } from '../i18n/index.ts'
import { fitsLink, searchNodes } from '../state/node-search.ts'
import { usePage } from './context.ts'
import { Floating } from './floating.tsx'
import { useNodeIndex } from './use-node-index.ts'

/** Finds a node and puts it where the search was opened, at the end of the link that asked for it. */
export function NodeSearch(props: {
  at: { x: number; y: number }
  place: readonly [number, number]
  link: DroppedLink | undefined
  onClose: () => void
}) {
  const { canvas } = usePage()
  const { link } = props
  const index = useNodeIndex()
  const [text, setText] = useState('')
  const [marked, setMarked] = useState(0)
  const fitting = link ? index.filter(({ type }) => fitsLink(type, link)) : index
  const found = searchNodes(fitting, text).slice(0, 60)
  const add = (type: string) => {
    props.onClose()
    canvas.commands.addNode(type, props.place, link)
  }
  const label = link
    ? t(link.from === 'output' ? 'search.for' : 'search.forOutput', { type: link.type })
    : t('search.placeholder')
  return (
    <Floating at={props.at} label={label} class="node-search" onClose={props.onClose}>
      {link && <p class="search-for">{label}</p>}
      <input
        type="search"
        class="field"
        placeholder={t('search.placeholder')}
        aria-label={t('search.placeholder')}
        value={text}
        onInput={event => {
          setText(event.currentTarget.value)
          setMarked(0)
        }}
        onKeyDown={event => {
          if (event.key === 'ArrowDown') setMarked(Math.min(found.length - 1, marked + 1))
          if (event.key === 'ArrowUp') setMarked(Math.max(0, marked - 1))
          const chosen = found[marked]
          if (event.key === 'Enter' && chosen) add(chosen.type.type)
        }}
      />
      <div class="picker-list">
        {found.map(({ type, title }, at) => (
          <button
            key={type.type}
            type="button"
            class={`picker-item search-item ${at === marked ? 'is-marked' : ''}`}
            onClick={() => add(type.type)}
          >
            <span>{title}</span>
            <span class="search-category">{categoryTitle(type.category)}</span>
          </button>
        ))}
        {found.length === 0 && <p class="empty-line">{t('search.none')}</p>}
      </div>
    </Floating>
  )
}
