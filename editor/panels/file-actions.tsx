import { Download, ImageDown } from 'lucide-preact'
import type { ViewedFile } from '../api/index.ts'
import { t } from '../i18n/index.ts'
import { copyPicture } from '../media/index.ts'
import { usePage } from './context.ts'
import { IconButton } from './icon-button.tsx'

export function DownloadLink({ file }: { file: ViewedFile }) {
  const { api } = usePage()
  return (
    <a
      class="icon-button"
      href={api.viewUrl(file)}
      download={file.filename}
      aria-label={t('gallery.download')}
      title={t('gallery.download')}
    >
      <Download size={18} aria-hidden="true" />
    </a>
  )
}

/** The picture itself onto the clipboard. */
export function CopyPicture({ file }: { file: ViewedFile }) {
  const { api, tell } = usePage()
  return (
    <IconButton
      icon={ImageDown}
      label={t('gallery.copyImage')}
      onClick={() =>
        void copyPicture(api.viewUrl(file)).then(
          () => tell.say(t('file.copied')),
          error => tell.complain(error),
        )
      }
    />
  )
}
