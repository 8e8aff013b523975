import type { NodeContext, RemoteTask } from '../../nodes/context.ts'
import { type Cost, noCost, type TaskEvent } from '../runninghub/index.ts'

export type Teller = ReturnType<typeof createTeller>

/** Turns a task's life into the node's progress and task reports. */
export function createTeller(context: Pick<NodeContext, 'report' | 'reportTask'>) {
  let taskId: string | undefined
  let last: RemoteTask['status'] = 'created'
  const task = (id: string, status: RemoteTask['status'], facts: { cost?: Cost; note?: string } = {}) => {
    taskId = id
    last = status
    const { coins, seconds, ...paid } = facts.cost ?? noCost
    const money = together(paid.money, paid.thirdPartyMoney)
    const { note } = facts
    context.reportTask({ taskId: id, status, coins, money, seconds, ...(note !== undefined && { note }) })
  }
  return {
    get taskId() {
      return taskId
    },
    task,
    event(event: TaskEvent): void {
      if (event.type === 'slot-awaited') context.report({ phase: 'waiting-slot', label: event.why })
      else if (event.type === 'submitting') context.report({ phase: 'submitting' })
      else if (event.type === 'queued') {
        if (taskId !== undefined && last !== 'queued') task(taskId, 'queued')
        context.report({ phase: 'queued' })
      } else if (event.type === 'running') {
        if (taskId !== undefined && last !== 'running') task(taskId, 'running')
        const { step, steps, ...progress } = event.progress
        context.report({
          phase: 'running',
          ...progress,
          ...(step !== undefined && steps !== undefined && { done: step, of: steps }),
        })
      }
    },
  }
}

/** The sum of two decimal texts, one of which may say nothing. */
function together(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other
  return String(Number((Number(one) + Number(other)).toFixed(6)))
}
