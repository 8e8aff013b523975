import { Upload } from 'lucide-preact'
import type { FileRequest, PickRequest } from '../canvas/index.ts'
import { t } from '../i18n/index.ts'
import { Floating } from './floating.tsx'
import { PickList } from './pick-list.tsx'

const shownAtMost = 300

/** The options of a combo, or the input folder's files of one kind with a way to add one. */
export function OptionPicker({
  request,
  onClose,
}: {
  request: PickRequest | FileRequest
  onClose: () => void
}) {
  const show = request.show ?? String
  const find = (text: string) => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean)
    const found = request.options
      .filter(option => words.every(word => `${show(option)} ${option}`.toLowerCase().includes(word)))
      .slice(0, shownAtMost)
    const typed = text.trim()
    const isOther =
      request.isFree && typed !== '' && !request.options.some(option => String(option) === typed)
    return isOther ? [...found, typed] : found
  }
  return (
    <Floating
      at={{ x: request.box.x, y: request.box.y + request.box.height + 2 }}
      label={request.title}
      class="picker"
      onClose={onClose}
    >
      {'upload' in request && <UploadButton request={request} onClose={onClose} />}
      <PickList
        placeholder={t('pick.search')}
        none={t('pick.none')}
        find={find}
        keyOf={String}
        show={show}
        isChosen={option => option === request.value}
        onPick={option => {
          onClose()
          request.pick(option)
        }}
      />
    </Floating>
  )
}

function UploadButton({ request, onClose }: { request: FileRequest; onClose: () => void }) {
  return (
    <label class="button upload-button">
      <Upload size={15} aria-hidden="true" />
      {t('file.upload')}
      <input
        type="file"
        accept={request.media === 'any' ? undefined : `${request.media}/*`}
        class="visually-hidden"
        onChange={event => {
          const [file] = event.currentTarget.files ?? []
          onClose()
          if (file) request.upload(file)
        }}
      />
    </label>
  )
}
