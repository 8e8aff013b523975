import { Box, File, FileAudio, FileText, FileVideo, Play } from 'lucide-preact'
import { useState } from 'preact/hooks'
import { t } from '../i18n/index.ts'
import type { ResultItem } from '../state/index.ts'
import { usePage } from './context.ts'

const icons = {
  image: File,
  video: FileVideo,
  audio: FileAudio,
  text: FileText,
  model3d: Box,
  latent: File,
  file: File,
}

/** A result as a small picture of itself, or as the sign of its kind. A press shows it large. */
export function FileCard({ file, onOpen }: { file: ResultItem; onOpen: () => void }) {
  const { api } = usePage()
  const [isBroken, setBroken] = useState(false)
  const hasPicture = (file.kind === 'image' || file.kind === 'video') && !isBroken
  const Icon = icons[file.kind]
  return (
    <button
      type="button"
      class="result-card"
      aria-label={t('gallery.open', { name: file.filename })}
      title={file.filename}
      onClick={onOpen}
    >
      {hasPicture ? (
        <img
          src={api.viewUrl(file, { thumbnail: true })}
          alt=""
          loading="lazy"
          onError={() => setBroken(true)}
        />
      ) : (
        <>
          <Icon size={28} aria-hidden="true" />
          <span class="file-kind">{file.filename.split('.').at(-1)}</span>
        </>
      )}
      {file.kind === 'video' && hasPicture && <Play class="file-play" size={22} aria-hidden="true" />}
    </button>
  )
}
