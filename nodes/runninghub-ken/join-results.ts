import type { CloudResult } from '../context.ts'

/**
 * Results of several tasks as one, in the order of the ids. A task that cannot be had takes the others nothing away: it is told in a line
 * of text, as in ComfyUI_RH_API; when none can be had, the first error is thrown.
 */
export function joinResults(
  ids: readonly string[],
  fetched: readonly PromiseSettledResult<CloudResult>[],
): { result: CloudResult; failures: readonly string[] } {
  const good = fetched.flatMap(one => (one.status === 'fulfilled' ? [one.value] : []))
  const bad = fetched.flatMap((one, index) =>
    one.status === 'rejected' ? [{ id: ids[index] ?? '', error: one.reason as unknown }] : [],
  )
  const [first] = good
  if (!first) throw bad[0]?.error
  const failures = bad.map(({ id, error }) => {
    const why = error instanceof Error ? error.message : String(error)
    return why.includes(id) ? `ERROR: ${why}` : `ERROR: task ${id}: ${why}`
  })
  return {
    result: {
      taskId: good.map(({ taskId }) => taskId).join(','),
      files: good.flatMap(({ files }) => files),
      texts: good.flatMap(({ texts }) => texts),
      cost: first.cost,
    },
    failures,
  }
}
