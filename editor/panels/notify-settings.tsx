import { useEffect, useState } from 'preact/hooks'
import type { Notify } from '../api/index.ts'
import { wordsOf } from '../app/tell.ts'
import { t, type WordKey } from '../i18n/index.ts'
import { usePage } from './context.ts'

/** Whom the server calls when a run or a batch ends; what became of the last call. */
export function NotifySettings() {
  const { api } = usePage()
  const [known, setKnown] = useState<Notify | undefined>(undefined)
  /** What stands in the field while it is no address that is kept. */
  const [written, setWritten] = useState<string | undefined>(undefined)
  const [error, setError] = useState('')
  const take = (work: Promise<Notify>) => {
    setError('')
    work.then(
      found => {
        setKnown(found)
        setWritten(undefined)
      },
      (problem: unknown) => setError(wordsOf(problem)),
    )
  }
  useEffect(() => take(api.notify()), [api])
  if (!known) return null
  const last = known.deliveries.find(({ url }) => url === known.url)
  return (
    <section>
      <h3>{t('settings.calls')}</h3>
      <label class="field-label">
        {t('settings.callsUrl')}
        <input
          class="field"
          type="url"
          placeholder="https://"
          disabled={known.fromFlag}
          title={known.fromFlag ? t('settings.limitFromFlag') : undefined}
          value={written ?? known.url ?? ''}
          onInput={event => setWritten(event.currentTarget.value)}
          onChange={event => take(api.setNotify(event.currentTarget.value.trim() || null))}
        />
      </label>
      {known.url !== null && (
        <p class="row">
          <button type="button" class="button" onClick={() => take(api.testNotify())}>
            {t('settings.callsTest')}
          </button>
          {last && (
            <span class="hint">
              {t(`settings.calls.${last.state}` as WordKey)}
              {last.last !== null && ` · ${last.last}`}
            </span>
          )}
        </p>
      )}
      {error !== '' && (
        <p class="form-error" role="alert">
          {error}
        </p>
      )}
      <p class="hint">{t('settings.callsNote')}</p>
    </section>
  )
}
