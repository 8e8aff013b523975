import { boolean, defineNode, int, oneOf, socket, string } from '../define-node.ts'
import { giveResults, taskOutputs } from './task-outputs.ts'

/**
 * Runs a graph that is sent along, in place of the saved one of the workflow that RH Settings names (RunningHub: create, `workflow`).
 * Without a graph it runs the saved one, with all that a create can say.
 */
export const workflowRun = defineNode({
  type: 'RH_WorkflowRun',
  displayName: 'RH Workflow Run',
  category: 'RunningHub',
  description: 'Runs a whole graph in API format on RunningHub, under the id of a workflow of yours.',
  isOutput: true,
  inputs: {
    apiConfig: socket('STRUCT'),
    nodeInfoList: socket('ARRAY', { optional: true }),
    workflow: string({
      multiline: true,
      tooltip: 'A graph in API format (Workflow > Export (API)). Empty: the saved workflow.',
    }),
    run_timeout: int({ default: 600, min: 1, max: 9999999, optional: true }, { inert: true }),
    concurrency_limit: int({ default: 1, min: 1, max: 100, optional: true }, { inert: true }),
    instance_type: oneOf(['default', 'plus', 'ultra'], { tooltip: '24, 48 or 84 GB of GPU memory.' }),
    add_metadata: boolean({ default: true, optional: true }),
    use_personal_queue: boolean({ optional: true, tooltip: 'For keys with machines of their own.' }),
    retain_seconds: int({
      default: 0,
      min: 0,
      max: 180,
      optional: true,
      tooltip: 'Keeps the machine warm, 10 to 180 s; costs extra. 0: not.',
    }),
    access_password: string({
      optional: true,
      tooltip: 'Of a protected workflow. Stands in the file as it is.',
    }),
  },
  outputs: taskOutputs,
  validate: {
    retain_seconds: async value =>
      Number(value) > 0 && Number(value) < 10
        ? {
            message: `retain_seconds is ${value}`,
            hint: 'RunningHub takes 10 to 180 s, or 0 for not at all.',
          }
        : undefined,
  },
  execute: async ({ inputs, ...context }) => {
    const retainSeconds = Number(inputs.retain_seconds ?? 0)
    const accessPassword = inputs.access_password?.trim() ?? ''
    const { instance_type: instanceType } = inputs
    const result = await context.cloud.runTask(
      {
        settings: inputs.apiConfig,
        kind: 'workflow',
        workflow: inputs.workflow,
        nodeInfoList: inputs.nodeInfoList ?? [],
        ...(instanceType !== 'default' && { instanceType }),
        ...(inputs.add_metadata === false && { addMetadata: false }),
        ...(inputs.use_personal_queue && { usePersonalQueue: true }),
        ...(retainSeconds > 0 && { retainSeconds }),
        ...(accessPassword !== '' && { accessPassword }),
        timeoutMs: Number(inputs.run_timeout ?? 600) * 1000,
        concurrency: Number(inputs.concurrency_limit ?? 1),
      },
      context,
    )
    return giveResults(result, context)
  },
})
