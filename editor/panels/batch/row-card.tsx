import type { BatchRow } from '../../api/index.ts'
import { fromServer, t } from '../../i18n/index.ts'
import { usePage } from '../context.ts'
import { CopyButton } from '../copy-button.tsx'
import { Modal } from '../modal.tsx'
import { RowSign } from './rows-grid.tsx'

/** All of one row: its values in full, what it brought, what went wrong, and the tasks it paid for. */
export function RowCard(props: { row: BatchRow; columns: readonly string[]; onClose: () => void }) {
  const { api, store } = usePage()
  const { row, columns, onClose } = props
  const pictures = row.files.filter(({ kind }) => kind === 'image' || kind === 'video')
  const others = row.files.filter(file => !pictures.includes(file))
  const label = t('batch.rowNumber', { row: row.index + 1 })
  return (
    <Modal label={label} onClose={onClose} class="is-wide row-card">
      <div class="row">
        <h2>{label}</h2>
        <RowSign state={row.state} />
      </div>
      {row.error && (
        <p class="plan-card is-bad breaking">
          <span>
            {fromServer(row.error.message)} {row.error.hint && fromServer(row.error.hint)}{' '}
            <code>{row.error.code}</code>
          </span>
        </p>
      )}
      {pictures.length > 0 && (
        <div class="row-pictures">
          {pictures.map((file, at) => (
            <button
              key={file.path}
              type="button"
              class="result-picture"
              aria-label={t('gallery.open', { name: file.filename })}
              onClick={() => {
                onClose()
                store.lightbox.value = { items: pictures, at }
              }}
            >
              <img src={api.viewUrl(file, { thumbnail: true })} alt={file.filename} loading="lazy" />
            </button>
          ))}
        </div>
      )}
      <dl class="row-values">
        {columns.map(name => (
          <>
            <dt>{name}</dt>
            <dd>{row.values[name]}</dd>
          </>
        ))}
        {row.text !== null && (
          <>
            <dt>{t('batch.text')}</dt>
            <dd>{row.text}</dd>
          </>
        )}
        {others.map(file => (
          <>
            <dt>{t('batch.file')}</dt>
            <dd>
              <a class="link-button" href={api.viewUrl(file)} download={file.filename}>
                {file.filename}
              </a>
            </dd>
          </>
        ))}
        {row.taskIds.map(taskId => (
          <>
            <dt>{t('batch.task')}</dt>
            <dd class="row-task">
              {taskId} <CopyButton text={taskId} label={t('batch.copyTask')} />
            </dd>
          </>
        ))}
      </dl>
      <div class="row is-end">
        <button type="button" class="button" onClick={onClose}>
          {t('common.close')}
        </button>
      </div>
    </Modal>
  )
}
