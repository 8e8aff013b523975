import { slotLabel, t } from '../../i18n/index.ts'
import type { BatchInput } from '../../state/index.ts'
import { usePage } from '../context.ts'

type TargetWords = { readonly kind: 'bound' | 'none' | 'gone'; readonly text: string }

/** An input as people read it: the node's title and the input's name. */
export function useInputWords(): (input: BatchInput) => string {
  const { store } = usePage()
  return ({ input, nodeId, nodeTitle, alias }) => {
    const node = (store.prompt.value as Record<string, { class_type?: string }> | undefined)?.[nodeId]
    const label = slotLabel({ type: node?.class_type ?? '' }, input)
    return `${nodeTitle} · ${alias === undefined ? label : `${label} (${alias})`}`
  }
}

/** Where a column goes, in words; inputs that are no longer in the graph are told apart. */
export function useTargetWords(): (targets: readonly string[]) => TargetWords {
  const { batches } = usePage()
  const words = useInputWords()
  const byTarget = new Map(batches.inputs.value.map(input => [input.target, input]))
  return targets => {
    if (targets.length === 0) return { kind: 'none', text: t('batch.unbound') }
    const gone = targets.find(target => !byTarget.has(target))
    if (gone !== undefined) return { kind: 'gone', text: t('batch.gone', { target: gone }) }
    const [first] = targets.map(target => byTarget.get(target) as BatchInput)
    const more = targets.length > 1 ? ` +${targets.length - 1}` : ''
    return { kind: 'bound', text: `${first ? words(first) : ''}${more}` }
  }
}
