import {
  type Call,
  type Handler,
  type House,
  idOf,
  unauthorized,
  v1Account,
  v2Account,
  v2Unauthorized,
} from '../call.ts'
import { flat, flatRefuse, paramsInvalid, type Reply, refuse, success } from '../reply.ts'
import type { Task } from '../tasks/task.ts'
import {
  resultElements,
  socketUrl,
  taskFailed,
  taskQueued,
  taskRunning,
  taskUnknown,
  wireState,
} from './task-answers.ts'

/** RunningHub: outputs. State, socket, reason and result in one. */
export const outputs = withOwnTask((task, house) => {
  const { behaviour } = task.target
  switch (task.state) {
    case 'QUEUED':
      return refuse(taskQueued)
    case 'RUNNING':
      if (behaviour.outputsWhileRunning === 'null') return success(null, '任务正在运行中')
      if (behaviour.outputsWhileRunning === 'no-url') return refuse(taskRunning, {})
      return refuse(taskRunning, { netWssUrl: socketUrl(task, house.url()) })
    case 'SUCCESS':
      return success(resultElements(task, house.url()))
    case 'FAILED':
      if (behaviour.ending === 'code-500') return refuse({ code: 500, msg: '任务执行失败' })
      if (behaviour.ending === 'error-without-reason') return refuse(taskFailed)
      return refuse(taskFailed, { failedReason: task.failedReason ?? {} })
    case 'CANCEL':
      return refuse(taskFailed)
  }
})

/** RunningHub: status. A failed task is still code 0. */
export const status = withOwnTask(task => success(wireState(task), ''))

/** RunningHub: cancel. What has ended can no more be cancelled than what never was. */
export const cancel = withOwnTask((task, house) =>
  house.engine.cancel(task) ? success(null) : refuse(taskUnknown),
)

/** RunningHub: v2 query. */
export const queryV2: Handler = (call, house) => {
  const account = v2Account(call, house)
  if (!account) return refuse(v2Unauthorized())
  const taskId = idOf(call.body.taskId)
  if (!taskId) return flatRefuse(1007, 'Invalid parameters: taskId')
  const task = house.engine.find(taskId)
  if (task?.account !== account) return flatRefuse(1004, 'Task not found', taskId)
  const ended = { taskId, clientId: '', promptTips: '' }
  if (task.state === 'SUCCESS') {
    return flat({
      ...ended,
      status: 'SUCCESS',
      errorCode: '',
      errorMessage: '',
      failedReason: {},
      usage: {
        consumeMoney: task.cost.money,
        consumeCoins: task.cost.coins,
        taskCostTime: String(task.cost.seconds),
        thirdPartyConsumeMoney: task.cost.thirdPartyMoney,
      },
      results: resultsV2(task, house.url()),
    })
  }
  if (task.state === 'FAILED' || task.state === 'CANCEL') {
    const reason = task.target.behaviour.ending === 'error-without-reason' ? null : task.failedReason
    return flat({
      ...ended,
      status: 'FAILED',
      errorCode: String(task.target.behaviour.failCode ?? 1000),
      errorMessage: task.target.behaviour.failCode ? 'the task was refused' : 'unknown error',
      failedReason: reason ?? {},
      results: null,
    })
  }
  const { clientId, promptTips, state } = task
  return flat({ taskId, status: state, errorCode: '', errorMessage: '', results: null, clientId, promptTips })
}

function resultsV2(task: Task, base: string) {
  return task.files.map(({ spec, urlPath, nodeId, fileType }) =>
    spec.kind === 'text' && task.target.behaviour.inlineText
      ? { url: null, nodeId, outputType: fileType, text: spec.text }
      : { url: base + urlPath, nodeId, outputType: fileType, text: null },
  )
}

/** A v1 call about one task of the caller's key. */
export function withOwnTask(answer: (task: Task, house: House, call: Call) => Reply): Handler {
  return (call, house) => {
    const account = v1Account(call, house)
    if (!account) return unauthorized()
    const taskId = idOf(call.body.taskId)?.trim()
    if (!taskId || !/^-?[0-9]+$/.test(taskId)) return paramsInvalid()
    if (BigInt(taskId) <= 0n) return paramsInvalid('taskId must be positive')
    const task = house.engine.find(taskId)
    return task?.account === account ? answer(task, house, call) : refuse(taskUnknown)
  }
}
