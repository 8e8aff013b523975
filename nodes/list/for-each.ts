import { defineNode, listOf, oneOf, socket } from '../define-node.ts'
import { isFailed } from '../values.ts'

/**
 * A loop over part of a graph: what stands between start and end is done once for each item, side by side, each with cloud tasks of its
 * own as far as the key has slots. Node by node: the next node begins when the one before is done with all items.
 */
const common = { category: 'rh-bridge', module: 'custom_nodes.rh-bridge' } as const

/** Pictures, masks and files travel in batches; here each is an item. */
function isBatch(value: unknown): value is readonly unknown[] {
  const kinds: readonly unknown[] = ['image', 'mask', 'file']
  return (
    Array.isArray(value) &&
    value.every(item => typeof item === 'object' && item !== null && kinds.includes(item.kind))
  )
}

const forEachStart = defineNode({
  ...common,
  type: 'RHB_ForEachStart',
  displayName: 'For Each (Start)',
  description:
    'Gives its items one by one: the pictures of a batch, the lines of a list, several connected values. What follows is done once for each, side by side.',
  inputIsList: true,
  inputs: { items: socket('*') },
  outputs: { item: listOf('*'), index: listOf('INT'), count: 'INT' },
  execute: async ({ inputs }) => {
    const items = inputs.items.flatMap((value): readonly unknown[] =>
      isBatch(value) ? value.map(entry => [entry]) : Array.isArray(value) ? value : [value],
    )
    return { item: items, index: items.map((_, index) => index), count: items.length }
  },
})

const forEachEnd = defineNode({
  ...common,
  type: 'RHB_ForEachEnd',
  displayName: 'For Each (End)',
  description:
    'Joins what came of each item, in their order: pictures to one batch, texts to one text of lines. "skip" leaves out items that failed and keeps the others; "stop" fails with the first of them.',
  inputIsList: true,
  inputs: { value: socket('*'), on_error: oneOf(['stop', 'skip']) },
  outputs: { joined: '*', list: listOf('*'), count: 'INT' },
  leavesOutFailed: ({ on_error }) => on_error === 'skip',
  execute: async ({ inputs }) => {
    const list = inputs.value.filter(value => !isFailed(value))
    const failed = inputs.value.flatMap((value, index) =>
      isFailed(value) ? [`#${index + 1}: ${value.reason}`] : [],
    )
    const result = { joined: joined(list), list, count: list.length }
    if (failed.length === 0) return result
    const head = `${failed.length} of ${inputs.value.length} left out:`
    // Another run tries them again.
    return { ...result, isKept: false, ui: { text: [[head, ...failed].join('\n')] } }
  },
})

function joined(list: readonly unknown[]): unknown {
  if (list.length > 0 && list.every(isBatch)) return list.flat()
  return list.length > 0 && list.every(value => typeof value === 'string') ? list.join('\n') : list
}

export const forEachNodes = [forEachStart, forEachEnd]
