import { copyText } from '../app/files.ts'
import { activeRun } from '../app/store.ts'
import { fromServer, t } from '../i18n/index.ts'
import { usePage } from './context.ts'
import { Floating } from './floating.tsx'
import { LinkedText } from './linked-text.tsx'
import { MoreLink } from './more-link.tsx'
import { fixOf } from './problem-fixes.ts'

/** Why a node failed and what to do: the first line plain, the rest folded. */
export function FailureCard(props: { nodeId: string; at: { x: number; y: number }; onClose: () => void }) {
  const page = usePage()
  const { store, actions } = page
  const run = activeRun(store)
  const error = run?.nodes[props.nodeId]?.error
  if (!run || !error) return null
  const fix = fixOf(page, { nodeId: props.nodeId, input: undefined, code: error.code })
  const [first = '', ...rest] = error.message.split('\n')
  return (
    <Floating at={props.at} label={t('failure.title')} class="failure-card" onClose={props.onClose}>
      <h2>{t('failure.title')}</h2>
      <p class="failure-line">{fromServer(first)}</p>
      {error.hint && (
        <p>
          <LinkedText text={fromServer(error.hint)} />
        </p>
      )}
      {rest.length > 0 && (
        <details>
          <summary>{t('failure.more')}</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached with the keyboard. */}
          <pre tabIndex={0}>{rest.join('\n')}</pre>
        </details>
      )}
      {error.taskId && (
        <p class="failure-task">
          {t('failure.task')} <code>{error.taskId}</code>
          <button type="button" class="link-button" onClick={() => void copyText(error.taskId ?? '')}>
            {t('common.copy')}
          </button>
        </p>
      )}
      <p class="failure-code">
        {error.code} <MoreLink code={error.code} />
      </p>
      <div class="row">
        {fix && (
          <button
            type="button"
            class="button is-main"
            onClick={() => {
              props.onClose()
              fix.act()
            }}
          >
            {fix.label}
          </button>
        )}
        <button
          type="button"
          class="button"
          onClick={() => {
            props.onClose()
            void actions.showRun(run.promptId)
          }}
        >
          {t('failure.details')}
        </button>
        <button type="button" class="button" onClick={props.onClose}>
          {t('common.close')}
        </button>
      </div>
    </Floating>
  )
}
