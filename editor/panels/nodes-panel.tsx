import { useState } from 'preact/hooks'
import { categoryTitle, t } from '../i18n/index.ts'
import { type SearchEntry, searchNodes } from '../state/node-search.ts'
import { usePage } from './context.ts'
import { nodeDragType } from './drops.ts'
import { Empty } from './empty.tsx'
import { useNodeIndex } from './use-node-index.ts'

/** With an imported registry there may be thousands; a page of that many buttons is slow. */
const mostShown = 800

/** All nodes by category; dragged onto the canvas, or put into its middle by Enter. */
export function NodesPanel() {
  const { canvas } = usePage()
  const index = useNodeIndex()
  const [text, setText] = useState('')
  const found = searchNodes(index, text)
  const shown = found.slice(0, mostShown)
  const groups = Map.groupBy(shown, entry => entry.type.category || '·')
  const addToMiddle = (type: string) => {
    const box = canvas.element.getBoundingClientRect()
    canvas.commands.addNode(
      type,
      canvas.toGraph(box.left + box.width / 2 - 100, box.top + box.height / 2 - 60),
    )
  }
  return (
    <div class="panel-body">
      <input
        type="search"
        class="field"
        placeholder={t('nodes.search')}
        aria-label={t('nodes.search')}
        value={text}
        onInput={event => setText(event.currentTarget.value)}
      />
      <p class="hint panel-hint">{t('nodes.hint')}</p>
      {found.length === 0 && (
        <Empty text={t('nodes.none')} action={t('nodes.clear')} onAct={() => setText('')} />
      )}
      {[...groups].map(([category, entries]) => (
        <section key={category}>
          <h3>{categoryTitle(category)}</h3>
          <ul class="list">
            {entries.map(entry => (
              <NodeRow key={entry.type.type} entry={entry} onAdd={() => addToMiddle(entry.type.type)} />
            ))}
          </ul>
        </section>
      ))}
      {found.length > shown.length && (
        <p class="hint">{t('nodes.more', { count: found.length - shown.length })}</p>
      )}
    </div>
  )
}

function NodeRow({ entry, onAdd }: { entry: SearchEntry; onAdd: () => void }) {
  return (
    <li class="list-row">
      <button
        type="button"
        class="list-main is-draggable"
        draggable
        title={entry.type.description || entry.type.type}
        onDragStart={event => {
          event.dataTransfer?.setData(nodeDragType, entry.type.type)
          if (event.dataTransfer) event.dataTransfer.effectAllowed = 'copy'
        }}
        onClick={onAdd}
      >
        {entry.title}
      </button>
    </li>
  )
}
