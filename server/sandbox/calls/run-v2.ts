import { type Call, type Handler, type House, v2Account, v2Unauthorized } from '../call.ts'
import type { Target } from '../catalogue/index.ts'
import type { FileSpec } from '../catalogue/special.ts'
import { sdxlGraph } from '../catalogue/workflows.ts'
import { applyNodeInfos, isRefusal } from '../node-info.ts'
import { flat, flatRefuse, plain, type Refusal, type Reply, refuse } from '../reply.ts'
import type { Task } from '../tasks/task.ts'
import type { NodeInfo } from '../types.ts'
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

function answer(result: Task | Refusal): Reply {
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

/** RunningHub: standard models, one generic answer for every model path. */
export const runModel: Handler = (call, house) => {
  const account = v2Account(call, house)
  if (!account) return refuse(v2Unauthorized())
  if (account.apiType !== 'SHARED')
    return flatRefuse(1014, 'Access denied: standard model API requires an enterprise-shared API key')
  const model = call.path.slice('/openapi/v2/'.length)
  const wrong = wrongModelField(model, call)
  if (wrong) return flatRefuse(1007, `Invalid parameters: ${wrong}`)
  const target = modelTarget(model)
  const infos: NodeInfo[] = []
  for (const [name, value] of Object.entries(call.body)) {
    // Plain values only: they decide prompt, seed and size of what is drawn.
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') {
      infos.push({ nodeId: '1', fieldName: name, fieldValue: value })
    }
  }
  const graph = applyNodeInfos(target, infos)
  if (isRefusal(graph)) return refuse(graph)
  const { webhookUrl } = call.body
  return answer(
    house.engine.create({
      kind: 'model',
      target,
      account,
      graph,
      infos,
      metadata: 'left-out',
      queue: 'slots',
      webhookUrl: typeof webhookUrl === 'string' && webhookUrl !== '' ? webhookUrl : null,
    }),
  )
}

function modelTarget(model: string): Target {
  const kind = kindOfModel(model)
  return {
    id: model,
    name: model,
    graph: sdxlGraph,
    fields: 'open',
    behaviour: { files: [kind], ...(kind.kind === 'video' ? { runMs: 8000 } : {}) },
  }
}

/** What comes out, told by the end of the path: `text-to-video`, `image-to-3d`, else by its family. */
function kindOfModel(model: string): FileSpec {
  const last = model.split('/').at(-1) ?? ''
  const made = /to-([a-z0-9]+)$/.exec(last)?.[1] ?? model
  if (/video/.test(made)) return { kind: 'video' }
  if (/audio|music|speech|voice/.test(made)) return { kind: 'audio' }
  if (/3d|mesh/.test(made)) return { kind: 'glb' }
  if (/text|chat/.test(made))
    return { kind: 'text', text: 'The sandbox has read your prompt and has nothing to add.\n' }
  return { kind: 'picture' }
}

/** The one model whose parameters are documented: `{prompt, resolution, aspectRatio, duration}`. */
function wrongModelField(model: string, { body }: Call): string | undefined {
  if (model !== 'rhart-video/ltx-2.3/text-to-video') return undefined
  const { prompt, resolution, aspectRatio, duration } = body
  if (typeof prompt !== 'string' || prompt.trim() === '') return 'prompt is required'
  if (resolution !== undefined && !['1080p', '720p', '480p'].includes(String(resolution))) return 'resolution'
  if (aspectRatio !== undefined && !['16:9', '9:16'].includes(String(aspectRatio))) return 'aspectRatio'
  const seconds = Number(duration ?? 5)
  if (!Number.isInteger(seconds) || seconds < 5 || seconds > 15) return 'duration is 5 to 15'
  return undefined
}

/** RunningHub: price-preview, free of charge. */
export const pricePreview: Handler = (call: Call, house: House) => {
  if (!v2Account(call, house)) return refuse(v2Unauthorized())
  const model = call.path.slice('/openapi/v2/price-preview/'.length)
  const wrong = wrongModelField(model, call)
  const price = kindOfModel(model).kind === 'video' ? '0.35' : '0.06'
  return plain({
    errorCode: wrong ? '1007' : '',
    errorMessage: wrong ? `Invalid parameters: ${wrong}` : '',
    estimatedPrice: wrong ? null : price,
    currency: 'CNY',
    priceText: `¥${price}/次`,
    priceTextEn: `¥${price} per run`,
    freeLimit: false,
    freeLimitCount: 0,
    remainingFreeLimitCount: 0,
    isFreeThisCall: false,
  })
}
