/** An empty panel: one sentence, one action. */
export function Empty(props: { text: string; action?: string; onAct?: () => void }) {
  return (
    <div class="empty">
      <p>{props.text}</p>
      {props.action && (
        <button type="button" class="button" onClick={props.onAct}>
          {props.action}
        </button>
      )}
    </div>
  )
}
