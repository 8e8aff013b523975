import { CircleCheck, TriangleAlert } from 'lucide-preact'
import { useEffect, useRef } from 'preact/hooks'
import type { BatchPlan } from '../../api/index.ts'
import { countRows } from '../../app/batch-draft.ts'
import { fromServer, nodeTitle, t } from '../../i18n/index.ts'
import { priceSource, priceText } from '../../state/index.ts'
import { usePage } from '../context.ts'

/** What would be done, what it would cost and where that is known from, and what is wrong with which rows. Nothing has been created. */
export function PlanCard({ onJump }: { onJump: (row: number) => void }) {
  const { store, batches } = usePage()
  const planned = store.batchPlan.value
  const draft = batches.draft.value
  if (planned?.draft !== draft || planned.answer === 'asking') return null
  if ('problem' in planned.answer) {
    return (
      <div class="plan-card is-bad" role="alert">
        <TriangleAlert size={16} aria-hidden="true" />
        <p class="breaking">{planned.answer.problem}</p>
      </div>
    )
  }
  return <Plan answer={planned.answer} onJump={onJump} />
}

function Plan({ answer, onJump }: { answer: BatchPlan; onJump: (row: number) => void }) {
  const { store, batches } = usePage()
  const root = useRef<HTMLDivElement>(null)
  // It was asked for: it is what is looked at now.
  useEffect(() => root.current?.scrollIntoView({ block: 'end' }), [answer])
  const draft = batches.draft.value
  const { id, plan } = answer
  const counts = countRows(draft)
  const known = store.batches.value.find(batch => batch.id === id)
  return (
    <div class="plan-card" role="status" ref={root}>
      <h3>{t('batch.planTitle')}</h3>
      <dl class="plan-facts">
        <dt>{t('batch.planRows')}</dt>
        <dd>
          {counts.table > 0 && counts.table < plan.rows
            ? t('batch.planProduct', { rows: counts.table, times: plan.rows / counts.table, all: plan.rows })
            : plan.rows}
        </dd>
        <dt>{t('batch.planTasks')}</dt>
        <dd>{t('batch.planAtMost', { count: plan.estimate.tasks * plan.rows })}</dd>
        <dt>{t('batch.planPrice')}</dt>
        <dd>
          <Price plan={plan} parallel={draft.parallel} />
        </dd>
      </dl>
      {known && (
        <p class="plan-known">
          {t('batch.planKnown', { title: known.title, done: known.done, rows: known.rows })}
        </p>
      )}
      <Problems plan={plan} onJump={onJump} />
    </div>
  )
}

function Price({ plan, parallel }: { plan: BatchPlan['plan']; parallel: number }) {
  const { estimate, rows } = plan
  const times = (range: typeof estimate.coins, by: number) =>
    range && { low: range.low * by, high: range.high * by }
  const price = {
    ...estimate,
    coins: times(estimate.coins, rows),
    money: times(estimate.money, rows),
    seconds: times(estimate.seconds, Math.max(1, rows / parallel)),
  }
  const text = priceText(price, t)
  if (text === undefined) return <>{t('batch.planFree')}</>
  return (
    <>
      {text}
      <span class="hint"> · {t(...priceSource(estimate))}</span>
    </>
  )
}

function Problems({ plan, onJump }: { plan: BatchPlan['plan']; onJump: (row: number) => void }) {
  const { store, batches, canvas } = usePage()
  const { problems, checkedRows, rows } = plan
  const toTable = useTablePlaces(rows)
  if (problems.length === 0) {
    return (
      <p class="plan-good">
        <CircleCheck size={15} aria-hidden="true" />
        {checkedRows < rows ? t('batch.planGoodPart', { count: checkedRows }) : t('batch.planGood')}
      </p>
    )
  }
  const titleOf = (nodeId: string, type: string) => {
    const known = store.types.value.get(type)
    return canvas.node(nodeId)?.title || (known ? nodeTitle(known) : type)
  }
  return (
    <>
      <p class="plan-bad">
        <TriangleAlert size={15} aria-hidden="true" />
        {t('batch.planProblems')}
      </p>
      <ul class="plan-problems">
        {problems.map(problem => {
          const places = [...new Set(problem.rows.flatMap(row => toTable(row) ?? []))].slice(0, 4)
          const isAll = problem.count === checkedRows && checkedRows > 1
          return (
            <li key={`${problem.nodeId} ${problem.input} ${problem.code} ${problem.message}`}>
              <strong>{titleOf(problem.nodeId, problem.nodeType)}</strong> {fromServer(problem.message)}
              {problem.hint && problem.hint !== problem.message && (
                <span class="hint"> {fromServer(problem.hint)}</span>
              )}
              <span class="plan-places">
                {isAll
                  ? t('batch.inAllRows')
                  : places.map(row => (
                      <button
                        key={row}
                        type="button"
                        class="link-button"
                        onClick={() => onJump(row)}
                        disabled={row >= batches.draft.value.table.present.rows.length}
                      >
                        {t('batch.rowNumber', { row: row + 1 })}
                      </button>
                    ))}
                {!isAll && problem.count > places.length && (
                  <span class="hint">{t('batch.rowsMore', { count: problem.count - places.length })}</span>
                )}
              </span>
            </li>
          )
        })}
      </ul>
    </>
  )
}

/** From a row of the plan to the row of the table it came from: empty ones were left out, each of the others stands for a combination. */
function useTablePlaces(planned: number): (row: number) => number | undefined {
  const { batches } = usePage()
  const filled = batches.draft.value.table.present.rows.flatMap((row, at) =>
    row.some(value => value.trim() !== '') ? [at] : [],
  )
  const times = filled.length === 0 ? 1 : planned / filled.length
  return row => filled[Math.floor(row / times)]
}
