import type { DroppedLink } from '../canvas/index.ts'
import { categoryTitle, t } from '../i18n/index.ts'
import { fitOf, type SearchEntry, searchNodes } from '../state/node-search.ts'
import { usePage } from './context.ts'
import { Floating } from './floating.tsx'
import { PickList } from './pick-list.tsx'
import { useNodeIndex } from './use-node-index.ts'

const shownAtMost = 60

/** Finds a node and puts it where the search was opened, at the end of the link that asked for it. */
export function NodeSearch(props: {
  at: { x: number; y: number }
  place: readonly [number, number]
  link: DroppedLink | undefined
  onlyOutputs?: boolean
  onClose: () => void
}) {
  const { canvas } = usePage()
  const { link } = props
  const index = useNodeIndex()
  const fitness = ({ type }: SearchEntry) => (link ? fitOf(type, link) : 1)
  const fitting = index.filter(entry => fitness(entry) > 0 && (!props.onlyOutputs || entry.type.isOutput))
  const label = link
    ? t(link.from === 'output' ? 'search.for' : 'search.forOutput', { type: link.type })
    : t('search.placeholder')
  return (
    <Floating at={props.at} label={label} class="node-search" onClose={props.onClose}>
      {link && <p class="search-for">{label}</p>}
      <PickList
        class="search-item"
        placeholder={t('search.placeholder')}
        none={t('search.none')}
        find={text => searchNodes(fitting, text, fitness).slice(0, shownAtMost)}
        keyOf={({ type }) => type.type}
        show={({ type, title }) => (
          <>
            <span>{title}</span>
            <span class="search-category">{categoryTitle(type.category)}</span>
          </>
        )}
        onPick={({ type }) => {
          props.onClose()
          canvas.commands.addNode(type.type, props.place, { ...(link && { link }) })
        }}
      />
    </Floating>
  )
}
