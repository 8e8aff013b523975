import type { KeyStatus, NodeContext, TaskName } from '../context.ts'
import { defineNode, oneOf, socket, string } from '../define-node.ts'
import { sayCost } from './task-outputs.ts'

/**
 * The answer is of this moment: asked anew in every run, as is all that depends on it. The same when a run goes on after a crash: what is paid
 * for behind it would be paid twice.
 */
export const anew = async ({ work }: { work: { runId: string; nodeId: string } }): Promise<string> =>
  `${work.runId} ${work.nodeId}`

const common = { category: 'RunningHub', isOutput: true, fingerprint: anew, cacheForMs: 0 } as const

/** How a task stands, or stops it. */
const taskControl = defineNode({
  ...common,
  type: 'RH_TaskControl',
  displayName: 'RH Task Control',
  description: 'Asks how a task stands, or cancels it.',
  inputs: {
    apiConfig: socket('STRUCT'),
    task_id: string(),
    action: oneOf(['status', 'cancel']),
  },
  outputs: { status: 'STRING', report: 'STRING', task_id: 'STRING' },
  execute: async ({ inputs, ...context }) => {
    const task = { settings: inputs.apiConfig, taskId: inputs.task_id.trim() }
    const { status, report } = await controlTask(task, inputs.action, context)
    return { status, report, task_id: task.taskId, ui: { text: [report] } }
  },
})

/** Does one of the two, and says it in a sentence. */
export async function controlTask(
  task: TaskName,
  action: 'status' | 'cancel',
  context: NodeContext,
): Promise<{ status: string; report: string }> {
  const isCancelled = action === 'cancel' && (await context.cloud.cancelTask(task, context))
  if (isCancelled) return { status: 'CANCELLED', report: `Task ${task.taskId} was cancelled.` }
  const look = await context.cloud.lookAtTask(task, context)
  const cost = look.status === 'SUCCESS' ? ` It cost ${sayCost(look.cost)}.` : ''
  const note = action === 'cancel' ? ' There was nothing to cancel.' : ''
  const report = `Task ${task.taskId}: ${look.status}.${look.reason ? ` ${look.reason}` : ''}${cost}${note}`
  return { status: look.status, report }
}

/** What a key has and does. */
const accountStatus = defineNode({
  ...common,
  type: 'RH_AccountStatus',
  displayName: 'RH Account Status',
  description: 'Balance and running tasks of the key.',
  inputs: { apiConfig: socket('STRUCT') },
  outputs: {
    report: 'STRING',
    coins: 'STRING',
    money: 'STRING',
    running: 'INT',
    limit: 'INT',
    kind: 'STRING',
  },
  execute: async ({ inputs, ...context }) => {
    const status = await context.cloud.keyStatus(inputs.apiConfig, context)
    const report = sayStatus(status)
    return {
      report,
      coins: status.coins ?? '',
      money: status.money ?? '',
      running: status.running ?? 0,
      limit: status.limit ?? 0,
      kind: status.kind,
      ui: { text: [report] },
    }
  },
})

function sayStatus({ kind, coins, money, currency, running, limit }: KeyStatus): string {
  const tasks = `${running ?? 'an unknown number of'} running${limit === null ? '' : ` of ${limit} at a time`}`
  const balance = [
    coins === null ? [] : `${coins} coins`,
    money === null ? [] : `${money} ${currency || 'in money'}`,
  ].flat()
  return `${kind || 'unknown kind of key'}: ${balance.join(', ') || 'no balance told'}; ${tasks}`
}

export const askTheCloud = [taskControl, accountStatus]
