import { t } from '../i18n/index.ts'
import { usePage } from './context.ts'

/** An empty panel: one sentence, one action. What the server has is not known while it is away. */
export function Empty(props: { text: string; action?: string; onAct?: () => void }) {
  const isAway = usePage().store.connection.value === 'lost'
  return (
    <div class="empty">
      <p>{isAway ? t('error.offline') : props.text}</p>
      {props.action && !isAway && (
        <button type="button" class="button" onClick={props.onAct}>
          {props.action}
        </button>
      )}
    </div>
  )
}
