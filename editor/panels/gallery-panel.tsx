import { FolderOpen } from 'lucide-preact'
import { useEffect, useState } from 'preact/hooks'
import type { Asset, RunSummary } from '../api/index.ts'
import { t, type WordKey } from '../i18n/index.ts'
import { usePage } from './context.ts'
import { CopyButton } from './copy-button.tsx'
import { Empty } from './empty.tsx'
import { DownloadLink } from './file-actions.tsx'
import { FileCard } from './file-card.tsx'
import { IconButton } from './icon-button.tsx'
import { useMore } from './use-more.tsx'

type Kind = 'all' | 'image' | 'video' | 'audio' | 'other'
const kinds: readonly Kind[] = ['all', 'image', 'video', 'audio', 'other']

/** Everything that was made: thumbnails from the server, filtered by kind and name. */
export function GalleryPanel() {
  const { store, actions } = usePage()
  const [text, setText] = useState('')
  const [kind, setKind] = useState<Kind>('all')
  useEffect(() => {
    void actions.refreshResults()
    void actions.refreshRuns()
  }, [actions])
  const all = store.results.value
  const wanted = text.toLowerCase()
  const found = all.filter(
    asset => isOfKind(asset, kind) && `${asset.subfolder}/${asset.filename}`.toLowerCase().includes(wanted),
  )
  const { shown, more } = useMore(found)
  const madeBy = runsByFile(store.runList.value)
  if (all.length === 0) {
    return (
      <div class="panel-body">
        <Empty
          text={t(store.runList.value.length > 0 ? 'gallery.noneSaved' : 'gallery.empty')}
          action={t('queue.emptyAction')}
          onAct={() => void actions.run()}
        />
      </div>
    )
  }
  return (
    <div class="panel-body">
      <input
        type="search"
        class="field"
        placeholder={t('gallery.filter')}
        aria-label={t('gallery.filter')}
        value={text}
        onInput={event => setText(event.currentTarget.value)}
      />
      <fieldset class="segments" aria-label={t('common.filter')}>
        {kinds.map(name => (
          <button key={name} type="button" aria-pressed={kind === name} onClick={() => setKind(name)}>
            {t(`gallery.${name}` as WordKey)}
          </button>
        ))}
      </fieldset>
      {found.length === 0 && (
        <Empty
          text={t('gallery.none')}
          action={t('gallery.showAll')}
          onAct={() => {
            setText('')
            setKind('all')
          }}
        />
      )}
      <ul class="gallery">
        {shown.map((asset, at) => (
          <GalleryItem
            key={fileKey(asset)}
            asset={asset}
            run={madeBy.get(fileKey(asset))}
            onOpen={() => {
              store.lightbox.value = { items: found, at }
            }}
          />
        ))}
      </ul>
      {more}
    </div>
  )
}

function GalleryItem(props: { asset: Asset; run: RunSummary | undefined; onOpen: () => void }) {
  const { files } = usePage()
  const { asset, run } = props
  return (
    <li class="gallery-item">
      <FileCard file={asset} onOpen={props.onOpen} />
      <span class="gallery-name" title={asset.filename}>
        {asset.filename}
      </span>
      <div class="gallery-foot">
        {run && (
          <IconButton
            icon={FolderOpen}
            label={t('queue.recall')}
            onClick={() => void files.openRun(run.id)}
          />
        )}
        <CopyButton text={asset.path} label={t('gallery.copyPath')} />
        <DownloadLink file={asset} />
      </div>
    </li>
  )
}

function isOfKind(asset: Asset, kind: Kind): boolean {
  if (kind === 'all') return true
  return kind === 'other' ? !['image', 'video', 'audio'].includes(asset.kind) : asset.kind === kind
}

const fileKey = (file: { subfolder: string; filename: string }) => `${file.subfolder}/${file.filename}`

function runsByFile(runs: readonly RunSummary[]): ReadonlyMap<string, RunSummary> {
  return new Map(runs.flatMap(run => run.files.map(file => [fileKey(file), run] as const)))
}
