import { Copy, Pencil, Trash2 } from 'lucide-preact'
import { useEffect } from 'preact/hooks'
import { activeDocument, isUnsaved } from '../app/store.ts'
import { t } from '../i18n/index.ts'
import { usePage } from './context.ts'
import { Empty } from './empty.tsx'
import { ExampleList } from './example-list.tsx'
import { IconButton } from './icon-button.tsx'

export function WorkflowsPanel() {
  const { store, actions, files } = usePage()
  useEffect(() => void actions.refreshWorkflows(), [actions])
  const saved = store.workflows.value.toSorted((a, b) => b.modified - a.modified)
  const active = activeDocument(store)?.path
  const unsaved = new Set(store.documents.value.filter(isUnsaved).map(({ path }) => path))
  return (
    <div class="panel-body">
      <div class="row">
        <button type="button" class="button" onClick={() => files.newWorkflow()}>
          {t('file.new')}
        </button>
        <button type="button" class="button" onClick={() => actions.chooseFile()}>
          {t('file.open')}
        </button>
      </div>
      <h3>{t('workflows.saved')}</h3>
      {saved.length === 0 && (
        <Empty
          text={t('workflows.empty')}
          action={t('workflows.emptyAction')}
          onAct={() => void actions.save()}
        />
      )}
      <ul class="list">
        {saved.map(({ path }) => (
          <li key={path} class={`list-row ${path === active ? 'is-active' : ''}`}>
            <button type="button" class="list-main" title={path} onClick={() => void files.openSaved(path)}>
              {path.replace(/\.json$/, '')}
              {unsaved.has(path) && <span class="unsaved-dot" role="img" aria-label={t('status.unsaved')} />}
            </button>
            <IconButton
              icon={Pencil}
              label={t('file.rename')}
              onClick={() => void actions.renameSaved(path)}
            />
            <IconButton
              icon={Copy}
              label={t('file.duplicate')}
              onClick={() => void actions.duplicateSaved(path)}
            />
            <IconButton
              icon={Trash2}
              label={t('file.delete')}
              onClick={() => void actions.deleteSaved(path)}
            />
          </li>
        ))}
      </ul>
      <h3>{t('examples.title')}</h3>
      <ExampleList />
    </div>
  )
}
