import { useState } from 'preact/hooks'
import type { Webhook } from '../api/index.ts'
import { wordsOf } from '../app/tell.ts'
import { t, type WordKey } from '../i18n/index.ts'
import { usePage } from './context.ts'

const known: ReadonlySet<string> = new Set(['SUCCESS', 'FAILED', 'PENDING', 'RETRYING'])

/** How RunningHub called at the end of a task, asked when somebody wants to know; and to have it call again. */
export function TaskWebhook({ taskId }: { taskId: string }) {
  const { api } = usePage()
  const [found, setFound] = useState<Webhook | undefined>(undefined)
  const [error, setError] = useState('')
  const [isBusy, setBusy] = useState(false)
  const ask = (work: Promise<Webhook>) => {
    setBusy(true)
    setError('')
    work.then(setFound, (problem: unknown) => setError(wordsOf(problem))).finally(() => setBusy(false))
  }
  return (
    <div class="task-webhook">
      {found && (
        <p class="hint">
          {t('webhook.is', {
            state: known.has(found.status) ? t(`webhook.${found.status}` as WordKey) : found.status,
          })}
          {found.retries > 0 && ` · ${t('details.retries', { count: found.retries })}`}
          {found.updatedAt !== '' && ` · ${found.updatedAt.replace('T', ' ')}`}
          {found.response !== '' && <span class="event-why"> {found.response}</span>}
          <br />
          <code>{found.url}</code>
        </p>
      )}
      <p class="row">
        <button type="button" class="button" disabled={isBusy} onClick={() => ask(api.webhook(taskId))}>
          {t('webhook.look')}
        </button>
        {found && (
          <button
            type="button"
            class="button"
            disabled={isBusy}
            onClick={() => ask(api.retryWebhook(taskId))}
          >
            {t('webhook.retry')}
          </button>
        )}
      </p>
      {error !== '' && (
        <p class="form-error" role="alert">
          {error}
        </p>
      )}
    </div>
  )
}
