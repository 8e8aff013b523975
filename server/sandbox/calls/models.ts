import { type Call, type Handler, type House, v2Account, v2Unauthorized } from '../call.ts'
import { modelTarget, outputOfPath, priceOf, wrongField } from '../catalogue/models.ts'
import { applyNodeInfos, isRefusal } from '../node-info.ts'
import { flatRefuse, plain, refuse } from '../reply.ts'
import type { NodeInfo } from '../types.ts'
import { answer } from './run-v2.ts'

const prefix = '/openapi/v2/'
const pricePrefix = '/openapi/v2/price-preview/'

/** RunningHub: standard models. Parameters are checked for models it knows; any other path is answered by its name. */
export const runModel: Handler = (call, house) => {
  const path = call.path.slice(prefix.length)
  const model = modelAt(path, house)
  // A word alone is a model only when somebody says so.
  if (!model && !path.includes('/')) return refuse({ code: 1001, msg: 'Invalid URL' })
  const account = v2Account(call, house)
  if (!account) return refuse(v2Unauthorized())
  if (!account.mayCallModels) {
    return flatRefuse(1014, 'Access denied: standard model API requires an enterprise-shared API key')
  }
  if (account.refusal) return refuse(account.refusal)
  const wrong = model && wrongField(model, call.body)
  if (wrong) return flatRefuse(1007, `Invalid parameters: ${wrong}`)
  const lost = mediaOf(call, house).find(name => house.uploads.diskPathOf(name) === undefined)
  if (lost !== undefined) return flatRefuse(1013, `File processing failed: ${lost}`)
  const target = modelTarget(path, model, call.body)
  const infos = infosOf(call, house)
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
      price: priceOf(model?.output ?? outputOfPath(path), call.body),
    }),
  )
}

/** RunningHub: price-preview, free of charge. */
export const pricePreview: Handler = (call, house) => {
  if (!v2Account(call, house)) return refuse(v2Unauthorized())
  const path = call.path.slice(pricePrefix.length)
  const model = modelAt(path, house)
  const wrong = model && wrongField(model, call.body)
  const price = priceOf(model?.output ?? outputOfPath(path), call.body)
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

function modelAt(path: string, house: House) {
  return house.models().find(({ endpoint }) => endpoint === path)
}

/** Names of uploads that the body gives by their address at this sandbox. */
function mediaOf(call: Call, house: House): string[] {
  const own = `${house.url()}/input/`
  return Object.values(call.body)
    .flat()
    .flatMap(value =>
      typeof value === 'string' && value.startsWith(own) ? [decodeURIComponent(value.slice(own.length))] : [],
    )
}

/** Plain values decide prompt, seed and size of what is drawn; uploaded pictures what it is made of. */
function infosOf(call: Call, house: House): NodeInfo[] {
  const infos: NodeInfo[] = []
  for (const [name, value] of Object.entries(call.body)) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') {
      infos.push({ nodeId: '1', fieldName: name, fieldValue: value })
    }
  }
  for (const name of mediaOf(call, house)) infos.push({ nodeId: '1', fieldName: 'image', fieldValue: name })
  return infos
}
