import { useEffect, useState } from 'preact/hooks'
import type { CostView } from '../app/prices.ts'
import { t, type WordKey } from '../i18n/index.ts'
import { formatClock } from '../state/index.ts'
import { usePage } from './context.ts'
import { Empty } from './empty.tsx'

const views: readonly CostView[] = ['day', 'run', 'target', 'key']

/** What was paid: by day, run, cloud workflow or key, once for each task. */
export function CostsPanel() {
  const { store, prices, actions } = usePage()
  const [by, setBy] = useState<CostView>('day')
  const runs = store.runList.value
  // A run that ended has cost something.
  useEffect(() => void prices.refreshCosts(by), [prices, by, runs])
  const known = store.costs.value
  const costs = known?.by === by ? known.costs : []
  const sum = (name: 'tasks' | 'coins' | 'money' | 'seconds') =>
    costs.reduce((total, cost) => total + cost[name], 0)
  if (by === 'day' && known?.by === 'day' && costs.length === 0) {
    return (
      <div class="panel-body">
        <Empty text={t('costs.empty')} action={t('queue.emptyAction')} onAct={() => void actions.run()} />
      </div>
    )
  }
  return (
    <div class="panel-body">
      <label class="field-label">
        {t('costs.by')}
        <select class="field" value={by} onChange={event => setBy(event.currentTarget.value as CostView)}>
          {views.map(view => (
            <option key={view} value={view}>
              {t(`costs.by.${view}` as WordKey)}
            </option>
          ))}
        </select>
      </label>
      {costs.length > 0 && (
        <table class="cost-table">
          <thead>
            <tr>
              <th scope="col">{t(`costs.by.${by}` as WordKey)}</th>
              <th scope="col">{t('costs.tasks')}</th>
              <th scope="col">{t('costs.coins')}</th>
              <th scope="col">{t('costs.money')}</th>
              <th scope="col">{t('costs.time')}</th>
            </tr>
          </thead>
          <tbody>
            {costs.map(cost => (
              <tr key={cost.name}>
                <th scope="row" title={cost.name}>
                  {nameOf(cost.name, by, runs)}
                </th>
                <td>{cost.tasks}</td>
                <td>{amount(cost.coins)}</td>
                <td>{amount(cost.money)}</td>
                <td>{formatClock(cost.seconds * 1000)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">{t('costs.sum')}</th>
              <td>{sum('tasks')}</td>
              <td>{amount(sum('coins'))}</td>
              <td>{amount(sum('money'))}</td>
              <td>{formatClock(sum('seconds') * 1000)}</td>
            </tr>
          </tfoot>
        </table>
      )}
      {costs.length > 0 && (
        <a class="button cost-file" href={prices.csvUrl()} download="costs.csv">
          {t('costs.csv')}
        </a>
      )}
    </div>
  )
}

/** A run by the name its workflow had, where it is still known. */
function nameOf(name: string, by: CostView, runs: readonly { id: string; name: string | null }[]): string {
  if (by !== 'run') return name
  return runs.find(run => run.id === name)?.name ?? name.slice(0, 8)
}

function amount(value: number): string {
  return value === 0 ? '–' : String(Math.round(value * 1000) / 1000)
}
