import type { Refusal } from '../reply.ts'
import type { Task } from '../tasks/task.ts'

/** The progress socket of a running task; null in every other state (RunningHub: netWssUrl). */
export function socketUrl(task: Task, base: string): string | null {
  if (task.state !== 'RUNNING' || task.target.behaviour.outputsWhileRunning === 'no-url') return null
  const { hostname, port } = new URL(base)
  const query = new URLSearchParams({
    c_host: '127.0.0.1',
    c_port: '80',
    clientId: task.clientId,
    workflowId: task.target.id,
    'Rh-Comfy-Auth': task.socketAuth,
  })
  return `ws://${hostname}:${port}/ws/c_instance?${query}`
}

/** Money and time repeat on every file of the task (RunningHub: cost). */
export function resultElements(task: Task, base: string) {
  return task.files.map(file => ({
    fileUrl: base + file.urlPath,
    fileType: file.fileType,
    taskCostTime: String(task.cost.seconds),
    nodeId: file.nodeId,
    thirdPartyConsumeMoney: task.cost.thirdPartyMoney,
    consumeMoney: task.cost.money,
    consumeCoins: task.cost.coins,
  }))
}

/** What the webhook carries: the same without cost, and the time as a number. */
export function webhookData(task: Task, base: string): string {
  const answer =
    task.state === 'SUCCESS'
      ? {
          code: 0,
          msg: 'success',
          data: task.files.map(file => ({
            fileUrl: base + file.urlPath,
            fileType: file.fileType,
            taskCostTime: task.cost.seconds,
            nodeId: file.nodeId,
          })),
        }
      : { ...taskFailed, data: { failedReason: task.failedReason } }
  return JSON.stringify(answer)
}

export const taskFailed: Refusal = { code: 805, msg: 'APIKEY_TASK_STATUS_ERROR' }
export const taskRunning: Refusal = { code: 804, msg: 'APIKEY_TASK_IS_RUNNING' }
export const taskQueued: Refusal = { code: 813, msg: 'APIKEY_TASK_IS_QUEUED' }
export const taskUnknown: Refusal = { code: 807, msg: 'APIKEY_TASK_NOT_FOUND' }

/** CANCEL is not seen on the wire: cancelled tasks read as FAILED (RunningHub: states). */
export const wireState = (task: Task) => (task.state === 'CANCEL' ? 'FAILED' : task.state)
