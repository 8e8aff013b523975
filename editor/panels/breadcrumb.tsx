import { ChevronRight } from 'lucide-preact'
import { activeDocument } from '../app/store.ts'
import { t } from '../i18n/index.ts'
import { usePage } from './context.ts'

/** Where in the workflow the shown subgraph is, and the way back out. */
export function Breadcrumb() {
  const { store, canvas } = usePage()
  const path = store.subgraphPath.value
  if (path.length === 0) return null
  const around = [activeDocument(store)?.name ?? '', ...path.slice(0, -1)]
  return (
    <nav class="breadcrumb" aria-label={t('view.path')}>
      <ol>
        {around.map((title, depth) => (
          <li key={depth}>
            <button type="button" title={title} onClick={() => canvas.commands.leaveTo(depth)}>
              {title}
            </button>
            <ChevronRight size={14} aria-hidden="true" />
          </li>
        ))}
        <li aria-current="location" title={path.at(-1)}>
          {path.at(-1)}
        </li>
      </ol>
    </nav>
  )
}
