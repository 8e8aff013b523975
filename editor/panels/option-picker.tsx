import { useState } from 'preact/hooks'
import type { PickRequest } from '../canvas/index.ts'
import { t } from '../i18n/index.ts'
import type { Option } from '../node-types/index.ts'
import { Floating } from './floating.tsx'

/** The options of a combo, with a search field; Enter takes the marked one. */
export function OptionPicker({ request, onClose }: { request: PickRequest; onClose: () => void }) {
  return (
    <Floating
      at={{ x: request.box.x, y: request.box.y + request.box.height + 2 }}
      label={request.title}
      class="picker"
      onClose={onClose}
    >
      <OptionList
        options={request.options}
        value={request.value}
        onPick={option => {
          onClose()
          request.pick(option)
        }}
      />
    </Floating>
  )
}

export function OptionList(props: {
  options: readonly Option[]
  value: unknown
  onPick: (option: Option) => void
}) {
  const [text, setText] = useState('')
  const [marked, setMarked] = useState(0)
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const found = props.options
    .filter(option => words.every(word => String(option).toLowerCase().includes(word)))
    .slice(0, 300)
  return (
    <>
      <input
        type="search"
        class="field"
        placeholder={t('pick.search')}
        aria-label={t('pick.search')}
        value={text}
        onInput={event => {
          setText(event.currentTarget.value)
          setMarked(0)
        }}
        onKeyDown={event => {
          if (event.key === 'ArrowDown') setMarked(Math.min(found.length - 1, marked + 1))
          if (event.key === 'ArrowUp') setMarked(Math.max(0, marked - 1))
          const chosen = found[marked]
          if (event.key === 'Enter' && chosen !== undefined) props.onPick(chosen)
        }}
      />
      <div class="picker-list">
        {found.map((option, at) => (
          <button
            key={String(option)}
            type="button"
            class={`picker-item ${at === marked ? 'is-marked' : ''} ${option === props.value ? 'is-chosen' : ''}`}
            title={String(option)}
            onClick={() => props.onPick(option)}
          >
            {String(option)}
          </button>
        ))}
        {found.length === 0 && <p class="empty-line">{t('pick.none')}</p>}
      </div>
    </>
  )
}
