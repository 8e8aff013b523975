import { t } from '../i18n/index.ts'
import { usePage } from './context.ts'
import { Menu } from './menu.tsx'

export function RunMenu({ at, onClose }: { at: { x: number; y: number }; onClose: () => void }) {
  const { store, canvas, actions, batches } = usePage()
  const selected = store.selected.value
  // Whoever chooses an output means that one; of other nodes, what they flow into.
  const chosen = selected.filter(id => canvas.node(id)?.nodeType?.isOutput)
  const outputs = chosen.length > 0 ? chosen : [...new Set(selected.flatMap(id => canvas.outputsAfter(id)))]
  return (
    <Menu
      at={at}
      label={t('run.more')}
      onClose={onClose}
      items={[
        { label: t('run.run'), keys: 'Ctrl+Enter', act: () => void actions.run() },
        { label: t('run.front'), keys: 'Ctrl+Shift+Enter', act: () => void actions.run({ front: true }) },
        {
          label: t('run.selected'),
          isDisabled: outputs.length === 0,
          act: () => void actions.run({ targets: outputs }),
        },
        { label: t('run.noCache'), act: () => void actions.run({ force: true }) },
        {
          label: t('run.anew'),
          isDisabled: selected.length === 0,
          act: () => void actions.run({ force: selected }),
        },
        'line',
        ...[2, 4, 8].map(count => ({
          label: t('run.batch', { count }),
          act: () => void actions.runBatch(count),
        })),
        { label: t('batch.menu'), keys: 'B', act: batches.open },
        'line',
        { label: t('run.stop'), keys: 'Ctrl+Alt+Enter', act: () => actions.stop() },
        { label: t('run.stopAll'), act: () => actions.stopAll() },
      ]}
    />
  )
}
