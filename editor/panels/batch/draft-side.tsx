import { ArrowRight, Plus, X } from 'lucide-preact'
import { columnsOf, countRows, matrixOf } from '../../app/batch-draft.ts'
import { activeDocument } from '../../app/store.ts'
import { t } from '../../i18n/index.ts'
import { nameOf, toRows } from '../../state/index.ts'
import { usePage } from '../context.ts'
import { IconButton } from '../icon-button.tsx'
import { PlanCard } from './plan-card.tsx'
import { useTargetWords } from './use-target-words.ts'

/** What is done with the table: combined, named, bounded, planned and started. */
export function DraftSide(props: {
  onColumn: (column: string, at: { x: number; y: number }) => void
  onJump: (row: number) => void
}) {
  return (
    <section class="batch-side" aria-label={t('batch.settings')}>
      <div class="batch-side-body">
        <Axes onColumn={props.onColumn} />
        <Settings />
        <PlanCard onJump={props.onJump} />
      </div>
      <PlanButton />
    </section>
  )
}

function Axes({ onColumn }: { onColumn: (column: string, at: { x: number; y: number }) => void }) {
  const { batches } = usePage()
  const { axes, table } = batches.draft.value
  const describe = useTargetWords()
  const set = (at: number, facts: { column?: string; values?: string }) =>
    batches.change({ axes: axes.map((axis, other) => (other === at ? { ...axis, ...facts } : axis)) })
  return (
    <div class="axes">
      <h3>{t('batch.matrix')}</h3>
      {axes.length === 0 && <p class="hint">{t('batch.matrixHint')}</p>}
      {axes.map((axis, at) => {
        const words = describe(batches.bindings.value.get(axis.column) ?? [])
        const isTaken =
          table.present.columns.includes(axis.column) ||
          axes.some((other, place) => place < at && other.column === axis.column && axis.column !== '')
        return (
          <div class="axis" key={at}>
            <input
              class="field axis-name"
              aria-label={t('batch.axisName')}
              placeholder="seed"
              value={axis.column}
              aria-invalid={isTaken}
              onInput={event => set(at, { column: event.currentTarget.value.trim() })}
            />
            <span aria-hidden="true">=</span>
            <textarea
              class="field axis-values"
              rows={1}
              aria-label={t('batch.axisValues', { name: axis.column })}
              placeholder="1, 2, 3"
              value={axis.values}
              onInput={event => set(at, { values: event.currentTarget.value })}
            />
            <IconButton
              icon={X}
              label={t('batch.removeAxis', { name: axis.column })}
              onClick={() => batches.change({ axes: axes.filter((_, other) => other !== at) })}
            />
            {isTaken ? (
              <p class="axis-target is-gone">{t('batch.axisTaken')}</p>
            ) : (
              axis.column !== '' && (
                <button
                  type="button"
                  class={`axis-target column-target is-${words.kind}`}
                  aria-haspopup="dialog"
                  onClick={event => {
                    const box = event.currentTarget.getBoundingClientRect()
                    onColumn(axis.column, { x: box.left, y: box.bottom + 4 })
                  }}
                >
                  <ArrowRight size={12} aria-hidden="true" />
                  <span>{words.text}</span>
                </button>
              )
            )}
          </div>
        )
      })}
      <button
        type="button"
        class="tool-button is-bordered"
        onClick={() => batches.change({ axes: [...axes, { column: '', values: '' }] })}
      >
        <Plus size={14} aria-hidden="true" />
        <span>{t('batch.addAxis')}</span>
      </button>
    </div>
  )
}

function Settings() {
  const { store, batches } = usePage()
  const draft = batches.draft.value
  const columns = columnsOf(draft)
  const axes = Object.fromEntries(
    Object.entries(matrixOf(draft)).map(([name, values]) => [name, values[0] ?? '']),
  )
  const first = { ...toRows(draft.table.present)[0], ...axes }
  const example = nameOf(draft.name, first)
  return (
    <div class="batch-settings">
      <h3>{t('batch.settings')}</h3>
      <label class="field-label">
        {t('batch.title')}
        <input
          class="field"
          maxLength={200}
          value={draft.title}
          placeholder={activeDocument(store)?.name ?? ''}
          onInput={event => batches.change({ title: event.currentTarget.value })}
        />
      </label>
      <label class="field-label">
        {t('batch.nameTemplate')}
        <input
          class="field"
          maxLength={500}
          value={draft.name}
          placeholder={
            columns.length > 0
              ? columns
                  .slice(0, 2)
                  .map(name => `{${name}}`)
                  .join('-')
              : '{row}'
          }
          onInput={event => batches.change({ name: event.currentTarget.value })}
        />
        {draft.name !== '' && (
          <span class="hint breaking">{t('batch.nameExample', { name: example.slice(0, 80) })}</span>
        )}
      </label>
      <div class="batch-pair">
        <label class="field-label">
          {t('batch.parallel')}
          <input
            class="field"
            type="number"
            min={1}
            max={100}
            value={draft.parallel}
            onInput={event => {
              const count = Math.round(event.currentTarget.valueAsNumber)
              if (count >= 1 && count <= 100) batches.change({ parallel: count })
            }}
          />
        </label>
        <label class="field-label">
          {t('batch.cap')}
          <input
            class="field"
            type="number"
            min={0}
            step="any"
            placeholder={t('batch.noCap')}
            value={draft.capCoins ?? ''}
            onInput={event => {
              const coins = event.currentTarget.valueAsNumber
              batches.change({ capCoins: coins > 0 ? coins : undefined })
            }}
          />
        </label>
      </div>
    </div>
  )
}

/** The plan comes first: only what was shown is started. */
function PlanButton() {
  const { store, batches } = usePage()
  const draft = batches.draft.value
  const { all } = countRows(draft)
  const isBound = [...batches.bindings.value.values()].some(targets => targets.length > 0)
  const planned = store.batchPlan.value
  const isCurrent = planned !== undefined && planned.draft === draft
  const answer = isCurrent ? planned.answer : undefined
  const isPlanned = answer !== undefined && answer !== 'asking' && 'plan' in answer
  const why = all === 0 ? t('batch.noRows') : isBound ? undefined : t('batch.nothingBound')
  return (
    <div class="batch-side-foot">
      {why && <p class="hint">{why}</p>}
      {isPlanned ? (
        <button type="button" class="button is-main" onClick={() => void batches.start()}>
          {t('batch.start', { count: answer.plan.rows })}
        </button>
      ) : (
        <button
          type="button"
          class="button is-main"
          disabled={why !== undefined || answer === 'asking'}
          onClick={() => void batches.plan()}
        >
          {answer === 'asking' ? t('batch.planning') : t('batch.plan')}
        </button>
      )}
    </div>
  )
}
