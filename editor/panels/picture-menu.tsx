import { t } from '../i18n/index.ts'
import { copyPicture } from '../media/index.ts'
import type { ResultItem } from '../state/index.ts'
import { usePage } from './context.ts'
import { Menu } from './menu.tsx'

/** What can be done with a picture that a node shows. */
export function PictureMenu(props: { item: ResultItem; at: { x: number; y: number }; onClose: () => void }) {
  const { api, canvas, store, tell } = usePage()
  const { item, at } = props
  const path = item.subfolder === '' ? item.filename : `${item.subfolder}/${item.filename}`
  const value = item.type === 'input' ? path : `${path} [${item.type}]`
  return (
    <Menu
      at={at}
      label={item.filename}
      onClose={props.onClose}
      items={[
        {
          label: t('picture.enlarge'),
          act: () => {
            store.lightbox.value = { items: [item], at: 0 }
          },
        },
        {
          label: t('picture.copy'),
          act: () =>
            void copyPicture(api.viewUrl(item)).then(
              () => tell.say(t('picture.copied')),
              error => tell.complain(error),
            ),
        },
        {
          label: t('picture.save'),
          act: () => {
            const link = document.createElement('a')
            link.href = api.viewUrl(item)
            link.download = item.filename
            link.click()
          },
        },
        'line',
        {
          label: t('picture.load'),
          act: () => {
            const place = canvas.toGraph(at.x + 60, at.y)
            canvas.commands.addNode('LoadImage', place, { values: { image: value } })
          },
        },
      ]}
    />
  )
}
