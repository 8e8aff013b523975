import { Upload } from 'lucide-preact'
import type { FileRequest } from '../canvas/index.ts'
import { t } from '../i18n/index.ts'
import { Floating } from './floating.tsx'
import { OptionList } from './option-picker.tsx'

/** The input folder's files of one kind, and a way to add one. */
export function FilePicker({ request, onClose }: { request: FileRequest; onClose: () => void }) {
  return (
    <Floating
      at={{ x: request.box.x, y: request.box.y + request.box.height + 2 }}
      label={request.title}
      class="picker"
      onClose={onClose}
    >
      <label class="button upload-button">
        <Upload size={15} aria-hidden="true" />
        {t('file.upload')}
        <input
          type="file"
          accept={`${request.media}/*`}
          class="visually-hidden"
          onChange={event => {
            const [file] = event.currentTarget.files ?? []
            onClose()
            if (file) request.upload(file)
          }}
        />
      </label>
      <OptionList
        options={request.options}
        value={request.value}
        onPick={option => {
          onClose()
          request.pick(option)
        }}
      />
    </Floating>
  )
}
