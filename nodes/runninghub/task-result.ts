import { defineNode, int, socket, string } from '../define-node.ts'
import { giveResults, taskOutputs } from './task-outputs.ts'

/** Fetches what a task gave, also one that was started elsewhere; waits for it while it runs. Creates nothing and costs nothing. */
export const taskResult = defineNode({
  type: 'RH_TaskResult',
  displayName: 'RH Task Result',
  category: 'RunningHub',
  description: 'Fetches the results of a task by its id, wherever it was started. Creates no task.',
  isOutput: true,
  inputs: {
    apiConfig: socket('STRUCT'),
    task_id: string({ tooltip: 'From the task list on the RunningHub site, or from another node.' }),
    run_timeout: int({ default: 600, min: 1, max: 9999999, optional: true }, { inert: true }),
  },
  outputs: taskOutputs,
  execute: async ({ inputs, ...context }) => {
    const timeoutMs = Number(inputs.run_timeout ?? 600) * 1000
    const wanted = { settings: inputs.apiConfig, taskId: inputs.task_id, timeoutMs }
    return giveResults(await context.cloud.fetchTask(wanted, context), context)
  },
})
