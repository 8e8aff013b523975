import { boolean, defineNode, int, socket } from '../define-node.ts'
import { giveResults, taskOutputs } from './task-outputs.ts'

/** Runs a cloud workflow or an AI app and gives its results (ComfyUI_RH_APICall: ExecuteNode). */
export const execute = defineNode({
  type: 'RH_ExecuteNode',
  displayName: 'RH Execute',
  category: 'RunningHub',
  module: 'custom_nodes.ComfyUI_RH_APICall',
  aliases: ['ExecuteNode', 'RunningHub Execute Task', 'RH Execute Node', 'RH API Call'],
  isOutput: true,
  inputs: {
    apiConfig: socket('STRUCT'),
    nodeInfoList: socket('ARRAY', { optional: true }),
    // Neither changes the result: a task that outlived its time is taken up again with more of it.
    run_timeout: int({ default: 600, min: 1, max: 9999999, optional: true }, { inert: true }),
    concurrency_limit: int({ default: 1, min: 1, max: 100, optional: true }, { inert: true }),
    is_webapp_task: boolean({ default: false, optional: true }),
    use_rtx4090_48g: boolean({ default: false, optional: true }),
  },
  outputs: taskOutputs,
  migrateWidgets: readOldLayout,
  foretell: ({ inputs }) => ({
    kind: inputs.is_webapp_task ? 'app' : 'workflow',
    settings: inputs.apiConfig,
    nodeInfoList: inputs.nodeInfoList ?? [],
  }),
  execute: async ({ inputs, ...context }) => {
    const result = await context.cloud.runTask(
      {
        settings: inputs.apiConfig,
        kind: inputs.is_webapp_task ? 'app' : 'workflow',
        nodeInfoList: inputs.nodeInfoList ?? [],
        ...(inputs.use_rtx4090_48g && { instanceType: 'plus' as const }),
        timeoutMs: Number(inputs.run_timeout ?? 600) * 1000,
        concurrency: Number(inputs.concurrency_limit ?? 1),
      },
      context,
    )
    return giveResults(result, context)
  },
})

/**
 * widgets_values over time, in today's order `[run_timeout, concurrency_limit, is_webapp_task, use_rtx4090_48g]`
 * (reference: section 8.3). With five or more outputs two or three numbers are read as today's pack reads them; an older
 * node's second number may be a poll interval, which must not become ten tasks at a time.
 */
function readOldLayout(values: readonly unknown[], node: { outputs: number }): readonly unknown[] {
  const numbers = values.filter(value => typeof value === 'number').length
  if (numbers === 4) return [values[0], values[2]]
  if (numbers !== values.length || numbers < 2) return values
  return values.slice(0, node.outputs > 0 && node.outputs < 5 ? 1 : 2)
}
