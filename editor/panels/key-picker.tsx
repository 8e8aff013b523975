import type { KeyRequest } from '../canvas/index.ts'
import { t } from '../i18n/index.ts'
import { usePage } from './context.ts'
import { Floating } from './floating.tsx'

/** Which stored key a node uses. Only names are ever shown or kept. */
export function KeyPicker({ request, onClose }: { request: KeyRequest; onClose: () => void }) {
  const { store, actions } = usePage()
  const pick = (value: string) => {
    onClose()
    request.pick(value)
  }
  const isSandbox = store.health.value?.mode === 'sandbox'
  return (
    <Floating
      at={{ x: request.box.x, y: request.box.y + request.box.height + 2 }}
      label={t('key.pick')}
      role="menu"
      class="menu"
      onClose={onClose}
    >
      <button type="button" role="menuitem" onClick={() => pick('')}>
        <span>{isSandbox ? t('key.noneSandbox') : t('key.none')}</span>
      </button>
      {store.keys.value.map(key => (
        <button key={key.name} type="button" role="menuitem" onClick={() => pick(`<key:${key.name}>`)}>
          <span>{key.name}</span>
          <kbd>{key.lastFour}</kbd>
        </button>
      ))}
      <hr />
      <button
        type="button"
        role="menuitem"
        onClick={() => {
          onClose()
          actions.openPanel('settings')
        }}
      >
        <span>{t('key.add')}</span>
      </button>
    </Floating>
  )
}
