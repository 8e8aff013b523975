import { t } from '../i18n/index.ts'
import { usePage } from './context.ts'

/** While a file hangs over the canvas: what may be dropped. */
export function DropHint() {
  const { store } = usePage()
  return store.isDropping.value ? <div class="drop-hint">{t('file.dropHere')}</div> : null
}
