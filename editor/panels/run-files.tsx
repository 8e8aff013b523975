import type { RunDetails } from '../api/index.ts'
import { t } from '../i18n/index.ts'
import { formatBytes } from '../state/index.ts'
import { usePage } from './context.ts'
import { CopyButton } from './copy-button.tsx'
import { CopyPicture, DownloadLink } from './file-actions.tsx'
import { FileCard } from './file-card.tsx'

/** What a run left on the disk: each file to look at, to take, and to find. */
export function RunFiles({ run, onLook }: { run: RunDetails; onLook: () => void }) {
  const { store } = usePage()
  const { files } = run
  if (files.length === 0) return null
  const folders = [...new Set(files.flatMap(file => (file.path ? [folderOf(file.path)] : [])))]
  return (
    <section>
      <h3>{t('details.files')}</h3>
      {folders.map(folder => (
        <p key={folder} class="row folder-line">
          <code title={folder}>{folder}</code>
          <CopyButton text={folder} label={t('details.copyFolder')} />
        </p>
      ))}
      <ul class="list">
        {files.map((file, at) => (
          <li key={`${file.subfolder}/${file.filename}`} class="list-row file-row">
            <FileCard
              file={file}
              onOpen={() => {
                onLook()
                store.lightbox.value = { items: files, at }
              }}
            />
            <span class="list-main" title={file.filename}>
              {file.filename} <small>{formatBytes(file.bytes)}</small>
            </span>
            {file.path && <CopyButton text={file.path} label={t('gallery.copyPath')} />}
            {file.kind === 'image' && <CopyPicture file={file} />}
            <DownloadLink file={file} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function folderOf(path: string): string {
  return path.replace(/[\\/][^\\/]*$/, '')
}
