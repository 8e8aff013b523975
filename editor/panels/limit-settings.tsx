import { useEffect, useState } from 'preact/hooks'
import type { Limits } from '../api/index.ts'
import { wordsOf } from '../app/tell.ts'
import { t } from '../i18n/index.ts'
import { usePage } from './context.ts'

const gigabyte = 1024 ** 3

/** Each limit with its unit as it is shown; bytes are set in GB. */
const rows: readonly { name: keyof Limits & string; unit: number; least: number }[] = [
  { name: 'parallel', unit: 1, least: 1 },
  { name: 'historyEntries', unit: 1, least: 1 },
  { name: 'historyDays', unit: 1, least: 1 },
  { name: 'cacheBytes', unit: gigabyte, least: 0 },
  { name: 'resultBytes', unit: gigabyte, least: 0 },
]

/** How much runs side by side, and how much is kept. */
export function LimitSettings() {
  const { store, limits } = usePage()
  const [error, setError] = useState('')
  useEffect(() => void limits.refresh(), [limits])
  const known = store.limits.value
  if (!known) return null
  return (
    <section>
      <h3>{t('settings.limits')}</h3>
      {rows.map(({ name, unit, least }) => (
        <label key={name} class="field-label is-inline">
          <span>{t(`settings.limit.${name}` as 'settings.limit.parallel')}</span>
          <input
            class="field is-number"
            type="number"
            min={least}
            step={unit === 1 ? 1 : 'any'}
            disabled={known.fromFlags.includes(name)}
            title={known.fromFlags.includes(name) ? t('settings.limitFromFlag') : undefined}
            value={round(Number(known[name]) / unit)}
            onChange={event => {
              const value = Number(event.currentTarget.value)
              setError('')
              limits
                .change({ [name]: Math.round(value * unit) })
                .catch((problem: unknown) => setError(wordsOf(problem)))
            }}
          />
        </label>
      ))}
      {error !== '' && (
        <p class="form-error" role="alert">
          {error}
        </p>
      )}
      <p class="hint">{t('settings.limitsNote')}</p>
    </section>
  )
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
