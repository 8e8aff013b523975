import type { SavedFile } from '../../nodes/context.ts'
import type { Ui } from '../../nodes/define-node.ts'
import { kindOf } from '../assets/index.ts'
import { type CheckedPrompt, type RunResult, sayProblem } from '../executor/index.ts'
import type { RowEnd } from './types.ts'

/** How one run of a row ended; what the row has cost is another matter. */
export type Attempt = Omit<RowEnd, 'coins'>

/** A row that brought nothing. */
export const nothing: Omit<Attempt, 'state'> = { files: [], text: null, error: null, taskIds: [] }

/** What a run means for its row: its files, its texts and its first failure. */
export function toEnd(checked: CheckedPrompt, result: RunResult): Attempt {
  const problem = checked.problems[0]
  const [failure] = [...result.errors, ...(problem ? [{ code: problem.code, ...sayProblem(problem) }] : [])]
  const uis = [...result.outputs.values()]
  const texts = uis.flatMap(ui =>
    Object.values(ui).flatMap(items => items.filter(item => typeof item === 'string')),
  )
  return {
    state: result.status === 'success' ? 'done' : 'failed',
    files: uis.flatMap(filesOf),
    text: texts.length > 0 ? texts.join('\n') : null,
    error: failure ? { code: failure.code, message: failure.message, hint: failure.hint ?? null } : null,
    taskIds: [...new Set(result.tasks.map(task => task.taskId))],
  }
}

function filesOf(ui: Ui) {
  const saved = Object.values(ui).flatMap(items =>
    items.filter((item): item is SavedFile => typeof item === 'object' && 'asset' in item),
  )
  return saved
    .filter(({ type }) => type === 'output')
    .map(({ asset, filename, subfolder, type }) => ({
      path: asset.path,
      kind: kindOf(asset),
      filename,
      subfolder,
      type,
    }))
}
