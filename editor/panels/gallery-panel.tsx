import { Copy, Download, FileAudio, FileVideo, FolderOpen } from 'lucide-preact'
import { useEffect, useState } from 'preact/hooks'
import type { Asset } from '../api/index.ts'
import { copyText } from '../app/files.ts'
import { t, type WordKey } from '../i18n/index.ts'
import { kindOf, type ResultItem } from '../state/index.ts'
import { usePage } from './context.ts'
import { Empty } from './empty.tsx'
import { IconButton } from './icon-button.tsx'

type Kind = 'all' | 'image' | 'video' | 'audio'
const kinds: readonly Kind[] = ['all', 'image', 'video', 'audio']
const shownAtOnce = 60

/** Everything that was made: thumbnails from the server, filtered by kind and name. */
export function GalleryPanel() {
  const { store, actions } = usePage()
  const [text, setText] = useState('')
  const [kind, setKind] = useState<Kind>('all')
  const [limit, setLimit] = useState(shownAtOnce)
  useEffect(() => {
    void actions.refreshResults()
    void actions.refreshRuns()
  }, [actions])
  const all = store.results.value
  const found = all.filter(
    asset =>
      (kind === 'all' || kindOf(asset.filename) === kind) &&
      asset.filename.toLowerCase().includes(text.toLowerCase()),
  )
  const items: ResultItem[] = found.map(asset => ({ ...asset, kind: kindOf(asset.filename) }))
  if (all.length === 0) {
    return (
      <div class="panel-body">
        <Empty text={t('gallery.empty')} action={t('queue.emptyAction')} onAct={() => void actions.run()} />
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
          action={t('nodes.clear')}
          onAct={() => {
            setText('')
            setKind('all')
          }}
        />
      )}
      <ul class="gallery">
        {found.slice(0, limit).map((asset, at) => (
          <GalleryItem key={`${asset.subfolder}/${asset.filename}`} asset={asset} items={items} at={at} />
        ))}
      </ul>
      {found.length > limit && (
        <button type="button" class="button" onClick={() => setLimit(limit + shownAtOnce)}>
          {t('common.more')}
        </button>
      )}
    </div>
  )
}

function GalleryItem({ asset, items, at }: { asset: Asset; items: readonly ResultItem[]; at: number }) {
  const { store, api, files } = usePage()
  const kind = kindOf(asset.filename)
  const run = store.runList.value.find(({ files: made }) =>
    made.some(file => file.filename === asset.filename && file.subfolder === asset.subfolder),
  )
  return (
    <li class="gallery-item">
      <button
        type="button"
        class="gallery-open"
        aria-label={t('gallery.open', { name: asset.filename })}
        title={asset.filename}
        onClick={() => {
          store.lightbox.value = { items, at }
        }}
      >
        {kind === 'image' ? (
          <img src={api.viewUrl(asset, { thumbnail: true })} alt="" loading="lazy" />
        ) : kind === 'video' ? (
          <FileVideo size={28} aria-hidden="true" />
        ) : (
          <FileAudio size={28} aria-hidden="true" />
        )}
      </button>
      <div class="gallery-foot">
        <span class="gallery-name" title={asset.filename}>
          {asset.filename}
        </span>
        {run && (
          <IconButton
            icon={FolderOpen}
            label={t('queue.recall')}
            onClick={() => void files.openRun(run.id)}
          />
        )}
        <IconButton icon={Copy} label={t('gallery.copyName')} onClick={() => void copyText(asset.filename)} />
        <a
          class="icon-button"
          href={api.viewUrl(asset)}
          download={asset.filename}
          aria-label={t('gallery.download')}
          title={t('gallery.download')}
        >
          <Download size={18} aria-hidden="true" />
        </a>
      </div>
    </li>
  )
}
