import { type Handler, idOf, unauthorized, v1Account } from '../call.ts'
import { paramsInvalid, refuse, success } from '../reply.ts'
import { withOwnTask } from './query.ts'
import { taskUnknown } from './task-answers.ts'

/** RunningHub: getWebhookDetail. Times have no zone. */
export const webhookDetail: Handler = withOwnTask((task, house) => {
  const record = house.webhooks.ofTask(task.id)
  if (!record) return refuse(taskUnknown)
  return success({
    id: record.id,
    userApiKey: '****',
    taskId: record.taskId,
    webhookUrl: record.webhookUrl,
    eventData: record.eventData,
    callbackStatus: record.callbackStatus,
    callbackResponse: record.callbackResponse,
    retryCount: record.retryCount,
    createTime: wallTime(record.createdAt),
    updateTime: wallTime(record.updatedAt),
  })
})

/** RunningHub: retryWebhook. Takes the id of getWebhookDetail, not a taskId. */
export const retryWebhook: Handler = (call, house) => {
  if (!v1Account(call, house)) return unauthorized()
  const id = idOf(call.body.webhookId)
  if (!id) return paramsInvalid()
  const { webhookUrl } = call.body
  return house.webhooks.retry(id, typeof webhookUrl === 'string' ? webhookUrl : undefined)
    ? success(null)
    : refuse(taskUnknown)
}

const wallTime = (ms: number) => new Date(ms).toISOString().slice(0, 19)
