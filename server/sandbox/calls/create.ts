import type { JsonValue } from '../../shared/lossless-json.ts'
import {
  type Call,
  type Handler,
  type House,
  idOf,
  type JsonBody,
  unauthorized,
  v1Account,
  violate,
} from '../call.ts'
import { findTarget, type Target } from '../catalogue/index.ts'
import { isObject } from '../faults.ts'
import type { Account } from '../keys.ts'
import { applyNodeInfos, isRefusal, readNodeInfoList, readWorkflowText } from '../node-info.ts'
import { paramsInvalid, type Refusal, refuse, success } from '../reply.ts'
import type { Task } from '../tasks/task.ts'
import type { NodeInfo, TaskKind } from '../types.ts'
import { socketUrl } from './task-answers.ts'

/** RunningHub: create a cloud workflow. */
export const createWorkflow: Handler = (call, house) => {
  const account = v1Account(call, house)
  if (!account) return unauthorized()
  const { workflowId } = call.body
  // The schema says string, and the cloud's own examples never send a number here.
  if (typeof workflowId !== 'string' || workflowId === '') return paramsInvalid()
  return answer(start(call, house, account, 'workflow', workflowId), house)
}

/** RunningHub: run an AI app. */
export const runApp: Handler = (call, house) => {
  const account = v1Account(call, house)
  if (!account) return unauthorized()
  const { webappId, nodeInfoList } = call.body
  const id = idOf(webappId)
  if (id === undefined || id === '') {
    if (webappId !== undefined)
      violate(call, house, 'webapp-id-not-integer', `webappId arrived as ${String(webappId)}`)
    // A number beyond 2^53 with an exponent or a fraction went through a double: it names nothing.
    return typeof webappId === 'number' ? refuse(appUnknown) : paramsInvalid()
  }
  if (!Array.isArray(nodeInfoList)) return paramsInvalid()
  return answer(start(call, house, account, 'app', id), house)
}

/** RunningHub: quick create. */
export const runQuickApp: Handler = (call, house) => {
  const account = v1Account(call, house)
  if (!account) return unauthorized()
  const { webappId, quickCreateCode, nodeInfoList } = call.body
  const id = idOf(webappId)
  if (!id) return paramsInvalid()
  if (typeof quickCreateCode !== 'string' || quickCreateCode === '') return paramsInvalid()
  if (!Array.isArray(nodeInfoList)) return paramsInvalid()
  const words = ['nodeName', 'fieldType', 'description']
  if (!nodeInfoList.every(item => isObject(item) && words.every(word => typeof item[word] === 'string'))) {
    violate(call, house, 'quick-create-item', `every item carries ${words.join(', ')}`)
  }
  return answer(start(call, house, account, 'quick-app', id), house)
}

const paramsWrong: Refusal = { code: 301, msg: 'PARAMS_INVALID' }
const appUnknown: Refusal = { code: 901, msg: 'WEBAPP_NOT_EXISTS' }

function answer(result: Task | Refusal, house: House) {
  if ('code' in result) return refuse(result)
  const data = {
    taskId: result.id,
    clientId: result.clientId,
    taskStatus: result.state,
    promptTips: result.promptTips,
  }
  return success(
    result.target.behaviour.create === 'no-url-key'
      ? data
      : { netWssUrl: socketUrl(result, house.url()), ...data },
  )
}

/** Everything that can refuse a create, in the cloud's order, and then the task itself. */
export function start(
  call: Call,
  house: House,
  account: Account,
  kind: TaskKind,
  id: string,
): Task | Refusal {
  const { body } = call
  const isApp = kind === 'app' || kind === 'quick-app'
  if (account.refusal) return account.refusal
  if (hasWrongField(body)) return paramsWrong
  const target = findTarget(id, kind, house)
  if ('missing' in target) {
    if (target.missing === 'rounded') violate(call, house, 'rounded-id', `${id} looks rounded by a double`)
    return isApp ? appUnknown : { code: 380, msg: 'WORKFLOW_NOT_EXISTS' }
  }
  if (target.behaviour.refusal) return target.behaviour.refusal
  const infos = readNodeInfoList(body.nodeInfoList)
  if (infos === null) return paramsWrong
  const graph = graphToRun(target, infos, body.workflow)
  if (isRefusal(graph)) return graph
  return house.engine.create({
    kind,
    target,
    account,
    graph,
    infos,
    metadata: body.addMetadata === false ? 'left-out' : 'written',
    queue: body.usePersonalQueue === true || body.usePersonalQueue === 'true' ? 'personal' : 'slots',
    webhookUrl: typeof body.webhookUrl === 'string' && body.webhookUrl !== '' ? body.webhookUrl : null,
  })
}

/** A graph sent along replaces the saved one, and the node infos with it (RunningHub: create, `workflow`). */
function graphToRun(target: Target, infos: NodeInfo[], workflow: JsonValue | undefined) {
  return typeof workflow === 'string' && workflow !== ''
    ? readWorkflowText(workflow)
    : applyNodeInfos(target, infos)
}

function hasWrongField(body: JsonBody): boolean {
  const given = (name: string) => body[name] !== undefined && body[name] !== null
  const seconds = Number(body.retainSeconds)
  return (
    (given('addMetadata') && typeof body.addMetadata !== 'boolean') ||
    ['webhookUrl', 'workflow', 'instanceType', 'accessPassword'].some(
      name => given(name) && typeof body[name] !== 'string',
    ) ||
    (given('instanceType') && !['', 'default', 'plus', 'ultra'].includes(String(body.instanceType))) ||
    // The documentation's own example sends the text "true".
    (given('usePersonalQueue') && !/^(true|false)$/.test(String(body.usePersonalQueue))) ||
    (given('retainSeconds') && !(seconds >= 10 && seconds <= 180))
  )
}
