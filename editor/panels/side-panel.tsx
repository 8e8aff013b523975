import { X } from 'lucide-preact'
import { useRef } from 'preact/hooks'
import { t } from '../i18n/index.ts'
import { usePage } from './context.ts'
import { CostsPanel } from './costs-panel.tsx'
import { GalleryPanel } from './gallery-panel.tsx'
import { IconButton } from './icon-button.tsx'
import { NodesPanel } from './nodes-panel.tsx'
import { ProblemsPanel } from './problems-panel.tsx'
import { QueuePanel } from './queue-panel.tsx'
import { SettingsPanel } from './settings-panel.tsx'
import { WorkflowsPanel } from './workflows-panel.tsx'

const contents = {
  workflows: WorkflowsPanel,
  nodes: NodesPanel,
  queue: QueuePanel,
  gallery: GalleryPanel,
  problems: ProblemsPanel,
  costs: CostsPanel,
  settings: SettingsPanel,
} as const

export function SidePanel() {
  const { store } = usePage()
  const name = store.panel.value
  const root = useRef<HTMLElement>(null)
  if (!name) return null
  const Content = contents[name]
  return (
    <aside
      ref={root}
      class="side-panel"
      aria-label={t(`panel.${name}`)}
      tabIndex={-1}
      onKeyDown={event => {
        if (event.key !== 'Escape' || event.isComposing) return
        const field = event.target
        if (!(field instanceof HTMLInputElement || field instanceof HTMLSelectElement)) return
        // From a field first to the panel, from there out of it; what is looked for the browser clears before.
        if (field.type !== 'search' || field.value === '') root.current?.focus({ preventScroll: true })
      }}
    >
      <header class="panel-head">
        <h2>{t(`panel.${name}`)}</h2>
        <IconButton
          icon={X}
          label={t('panel.close')}
          onClick={() => {
            store.panel.value = undefined
          }}
        />
      </header>
      <Content />
    </aside>
  )
}
