import { type Handler, v2Account, v2Unauthorized } from '../call.ts'
import { flat, flatRefuse, type Refusal, type Reply, refuse } from '../reply.ts'
import type { Task } from '../tasks/task.ts'
import { start } from './create.ts'

/** RunningHub: v2 run of an AI app or a workflow, the id in the path. */
export const runV2 =
  (kind: 'app' | 'workflow'): Handler =>
  (call, house) => {
    const account = v2Account(call, house)
    if (!account) return refuse(v2Unauthorized())
    if (!Array.isArray(call.body.nodeInfoList)) return flatRefuse(1007, 'Invalid parameters: nodeInfoList')
    const id = decodeURIComponent(call.path.split('/').at(-1) ?? '')
    return answer(start(call, house, account, kind, id))
  }

export function answer(result: Task | Refusal): Reply {
  if ('code' in result) {
    if (result.code === 803) return flatRefuse(1101, 'Node info error')
    if (result.code === 301) return flatRefuse(1007, 'Invalid parameters')
    // A v2 submit that refuses can answer in the v1 envelope (RunningHub: envelopes).
    return refuse(result)
  }
  const { id, state, clientId, promptTips } = result
  return flat({
    taskId: id,
    status: state,
    errorCode: '',
    errorMessage: '',
    results: null,
    clientId,
    promptTips,
  })
}
