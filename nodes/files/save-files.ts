import type { SavedFile } from '../context.ts'
import { defineNode, socket, string } from '../define-node.ts'
import type { File } from '../values.ts'

/** Saves whatever a task gave, in the cloud's order: every task a folder of its own, or what `%task%` in the prefix makes of it. */
export const saveFiles = defineNode({
  type: 'RHB_SaveFiles',
  displayName: 'Save All Files',
  category: 'utilities',
  description: 'Saves files of any kind, grouped by the task they came from.',
  isOutput: true,
  inputs: {
    files: socket('FILE'),
    filename_prefix: string({
      default: 'RunningHub/%task%/file',
      tooltip: '%task% is the id of the task a file came from.',
    }),
  },
  outputs: { files: 'FILE' },
  execute: async ({ inputs, assets }) => {
    const saved: SavedFile[] = []
    for (const [task, files] of byTask(inputs.files)) {
      saved.push(
        ...(await assets.save({
          folder: 'output',
          prefix: inputs.filename_prefix.replaceAll('%task%', task),
          trailingUnderscore: false,
          items: files.map(({ asset }) => ({ asset })),
        })),
      )
    }
    return { files: inputs.files, ui: { files: saved } }
  },
})

/** Files of no task are one group. */
function byTask(files: readonly File[]): ReadonlyMap<string, readonly File[]> {
  return Map.groupBy(files, ({ taskId }) => taskId ?? 'files')
}
