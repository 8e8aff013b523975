import { t } from '../i18n/index.ts'
import { usePage } from './context.ts'
import { Menu } from './menu.tsx'

export function FileMenu({ at, onClose }: { at: { x: number; y: number }; onClose: () => void }) {
  const { store, files, actions } = usePage()
  return (
    <Menu
      at={at}
      label={t('file.menu')}
      onClose={onClose}
      items={[
        { label: t('file.new'), act: () => files.newWorkflow() },
        { label: t('file.open'), keys: 'Ctrl+O', act: () => actions.chooseFile() },
        { label: t('file.paste'), act: () => actions.openBring() },
        {
          label: t('file.examples'),
          act: () => {
            store.dialog.value = { kind: 'examples' }
          },
        },
        'line',
        { label: t('file.save'), keys: 'Ctrl+S', act: () => void actions.save() },
        { label: t('file.saveAs'), act: () => void actions.saveAs() },
        'line',
        { label: t('file.download'), act: () => files.download() },
        { label: t('file.exportApi'), act: () => void files.exportApi() },
        {
          label: t('file.snippets'),
          act: () => {
            store.dialog.value = { kind: 'snippets' }
          },
        },
      ]}
    />
  )
}
