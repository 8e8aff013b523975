import { useEffect, useState } from 'preact/hooks'
import type { Limits } from '../api/index.ts'
import { wordsOf } from '../app/tell.ts'
import { t } from '../i18n/index.ts'
import { usePage } from './context.ts'

type Name = Exclude<keyof Limits, 'fromFlags'>

const gigabyte = 1024 ** 3

/** Each limit with what one of what is shown stands for: bytes are set in GB. */
const rows: readonly { name: Name; unit: number; least: number }[] = [
  { name: 'parallel', unit: 1, least: 1 },
  { name: 'historyEntries', unit: 1, least: 1 },
  { name: 'historyDays', unit: 1, least: 1 },
  { name: 'cacheBytes', unit: gigabyte, least: 0 },
  { name: 'resultBytes', unit: gigabyte, least: 0 },
  { name: 'capCoinsPerRun', unit: 1, least: 0 },
  { name: 'capCoinsPerDay', unit: 1, least: 0 },
  { name: 'capMoneyPerDay', unit: 1, least: 0 },
  { name: 'warnBelowCoins', unit: 1, least: 0 },
  { name: 'warnBelowMoney', unit: 1, least: 0 },
]

/** How much runs side by side, how much is kept, and how much may be spent. */
export function LimitSettings() {
  const { store, limits } = usePage()
  const [error, setError] = useState('')
  useEffect(() => void limits.refresh(), [limits])
  const known = store.limits.value
  if (!known) return null
  const change = (name: Name, value: number) => {
    setError('')
    limits.change({ [name]: value }).catch((problem: unknown) => setError(wordsOf(problem)))
  }
  return (
    <section>
      <h3>{t('settings.limits')}</h3>
      {rows.map(({ name, unit, least }) => {
        const isFlag = known.fromFlags.includes(name)
        return (
          <label key={name} class="field-label is-inline">
            <span>{t(`settings.limit.${name}`)}</span>
            <input
              class="field is-number"
              type="number"
              min={least}
              step={unit === 1 ? 1 : 'any'}
              disabled={isFlag}
              title={isFlag ? t('settings.limitFromFlag') : undefined}
              value={Math.round((known[name] / unit) * 100) / 100}
              onChange={event => change(name, Math.round(Number(event.currentTarget.value) * unit))}
            />
          </label>
        )
      })}
      {error !== '' && (
        <p class="form-error" role="alert">
          {error}
        </p>
      )}
      <p class="hint">{t('settings.limitsNote')}</p>
    </section>
  )
}
