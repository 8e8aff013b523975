import {
  Coins,
  FolderOpen,
  Images,
  Keyboard,
  ListOrdered,
  Settings,
  Shapes,
  Table2,
  TriangleAlert,
} from 'lucide-preact'
import type { PanelName } from '../app/store.ts'
import { t } from '../i18n/index.ts'
import { usePage } from './context.ts'
import { IconButton } from './icon-button.tsx'

const entries = [
  ['workflows', FolderOpen, 'W'],
  ['nodes', Shapes, 'N'],
  ['queue', ListOrdered, 'Q'],
  ['gallery', Images, 'G'],
  ['problems', TriangleAlert, 'P'],
  ['costs', Coins, undefined],
] as const satisfies readonly (readonly [PanelName, unknown, string | undefined])[]

export function Rail() {
  const { store, actions, batches } = usePage()
  const open = store.panel.value
  const working = store.batches.value.filter(({ state }) => state === 'running').length
  const counts: Partial<Record<PanelName, number>> = {
    queue: store.queueRemaining.value,
    problems: store.problems.value.length + store.warnings.value.length,
  }
  const isBad = store.wasChecked.value && store.problems.value.length > 0
  return (
    <nav class="rail" aria-label={t('rail.label')}>
      {entries.map(([name, icon, keys]) => (
        <IconButton
          key={name}
          icon={icon}
          label={t(`panel.${name}`)}
          {...(keys !== undefined && { keys })}
          isPressed={open === name}
          onClick={() => actions.togglePanel(name)}
        >
          {(counts[name] ?? 0) > 0 && (
            <span class={`rail-count ${name === 'problems' && !isBad ? 'is-quiet' : `is-${name}`}`}>
              {counts[name]}
            </span>
          )}
        </IconButton>
      ))}
      <IconButton
        icon={Table2}
        label={t('panel.batch')}
        keys="B"
        isPressed={store.isBatchOpen.value}
        onClick={batches.toggle}
      >
        {working > 0 && <span class="rail-count">{working}</span>}
      </IconButton>
      <span class="rail-space" />
      <IconButton
        icon={Keyboard}
        label={t('view.shortcuts')}
        keys="?"
        onClick={() => {
          store.dialog.value = { kind: 'shortcuts' }
        }}
      />
      <IconButton
        icon={Settings}
        label={t('panel.settings')}
        keys="Ctrl+,"
        isPressed={open === 'settings'}
        onClick={() => actions.togglePanel('settings')}
      />
    </nav>
  )
}
