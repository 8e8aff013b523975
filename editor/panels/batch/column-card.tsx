import { Check, Trash2 } from 'lucide-preact'
import { t } from '../../i18n/index.ts'
import type { BatchInput } from '../../state/index.ts'
import { removeColumn, renameColumn } from '../../state/index.ts'
import { usePage } from '../context.ts'
import { Floating } from '../floating.tsx'
import { PickList } from '../pick-list.tsx'
import { useInputWords } from './use-target-words.ts'

/** One column: its name, and the inputs of the graph it goes into. An axis has its name beside its values. */
export function ColumnCard(props: {
  column: string
  at: { x: number; y: number }
  onRenamed: (name: string) => void
  onClose: () => void
}) {
  const { batches } = usePage()
  const { column, onClose } = props
  const words = useInputWords()
  const targets = batches.bindings.value.get(column) ?? []
  const place = batches.draft.value.table.present.columns.indexOf(column)
  const find = (text: string) => {
    const parts = text.toLowerCase().split(/\s+/).filter(Boolean)
    return batches.inputs.value.filter(input => {
      const whole = `${words(input)} ${input.target} ${input.value ?? ''}`.toLowerCase()
      return parts.every(part => whole.includes(part))
    })
  }
  const toggle = ({ target }: BatchInput) =>
    batches.bind(
      column,
      targets.includes(target) ? targets.filter(other => other !== target) : [...targets, target],
    )
  const rename = (name: string) => {
    const isFree = renameColumn(batches.draft.value.table.present, place, name) !== undefined
    if (!isFree || name.trim() === column) return
    batches.edit(table => renameColumn(table, place, name) ?? table)
    batches.renamed(column, name.trim())
    props.onRenamed(name.trim())
  }
  return (
    <Floating
      at={props.at}
      label={t('batch.columnCard', { name: column })}
      class="picker column-card"
      onClose={onClose}
    >
      <p class="hint">{t('batch.goesInto')}</p>
      <PickList
        placeholder={t('batch.findInput')}
        none={t('batch.noInput')}
        find={find}
        keyOf={({ target }) => target}
        isChosen={({ target }) => targets.includes(target)}
        class="bind-item"
        show={input => (
          <>
            <span class="bind-words">{words(input)}</span>
            {targets.includes(input.target) ? (
              <Check size={15} aria-hidden="true" />
            ) : (
              <small>{input.value === undefined ? t('batch.linked') : input.value.slice(0, 60)}</small>
            )}
          </>
        )}
        onPick={toggle}
      />
      {place >= 0 && (
        <div class="row column-card-name">
          <input
            class="field"
            aria-label={t('batch.columnName')}
            value={column}
            onChange={event => rename(event.currentTarget.value)}
            onKeyDown={event =>
              event.key === 'Enter' && !event.isComposing && rename(event.currentTarget.value)
            }
          />
          <button
            type="button"
            class="icon-button"
            aria-label={t('batch.removeColumn')}
            title={t('batch.removeColumn')}
            onClick={() => {
              onClose()
              batches.edit(table => removeColumn(table, place))
            }}
          >
            <Trash2 size={16} aria-hidden="true" />
          </button>
        </div>
      )}
    </Floating>
  )
}
