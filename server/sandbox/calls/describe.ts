import { writeJson } from '../../shared/lossless-json.ts'
import { lastFour } from '../../shared/secrets.ts'
import { type Handler, headerKey, openAccount, unauthorized, v1Account } from '../call.ts'
import { findTarget } from '../catalogue/index.ts'
import { paramsInvalid, refuse, success } from '../reply.ts'
import { statisticsOf } from './lists.ts'

/** RunningHub: getJsonApiFormat. The graph is a string inside the answer. */
export const jsonApiFormat: Handler = (call, house) => {
  if (!v1Account(call, house)) return unauthorized()
  const { workflowId } = call.body
  if (typeof workflowId !== 'string' || workflowId === '') return paramsInvalid()
  const target = findTarget(workflowId, 'workflow', house)
  if ('missing' in target) return refuse({ code: 380, msg: 'WORKFLOW_NOT_EXISTS' })
  const { refusal } = target.behaviour
  if (refusal && refusal.code !== 415 && refusal.code !== 433) return refuse(refusal)
  return success({ prompt: writeJson(target.graph), ...openMark(target) })
}

/** Ours alone: says of an id the sandbox was never told about that its fields stand for any others. */
function openMark(target: { fields: 'closed' | 'open' }) {
  return target.fields === 'open' ? { sandboxOpen: true } : {}
}

/** RunningHub: apiCallDemo. Counts are strings, and the curl text holds "null" for the id. */
export const apiCallDemo: Handler = (call, house) => {
  const key = call.query.get('apiKey') || headerKey(call)
  if (!openAccount(key, house)) return unauthorized()
  const id = call.query.get('webappId') ?? ''
  if (id === '') return paramsInvalid()
  const target = findTarget(id, 'app', house)
  if ('missing' in target || target.behaviour.refusal?.code === 901)
    return refuse({ code: 901, msg: 'WEBAPP_NOT_EXISTS' })
  return success({
    curl: `curl --location --request POST '${house.url()}/task/openapi/ai-app/run' --data-raw '{"webappId": "null", "apiKey": "${lastFour(key)}"}'`,
    webappName: target.name,
    accessEncrypted: false,
    ...openMark(target),
    statisticsInfo: statisticsOf(target),
    nodeInfoList: target.appFields ?? [
      {
        nodeId: '6',
        nodeName: 'CLIPTextEncode',
        fieldName: 'text',
        fieldValue: 'beautiful scenery',
        fieldData: '["STRING", {"default": "", "multiline": true}]',
        fieldType: 'STRING',
        description: '提示词',
        descriptionEn: 'Prompt',
      },
    ],
    covers: [],
    tags: [{ id: '1', name: '沙箱', nameEn: 'Sandbox', labels: null }],
  })
}

/** RunningHub: style library of quick create; public. "Loar" is the real spelling. */
export const modelParams: Handler = (call, house) => {
  const webappId = String(call.body.webappId ?? '')
  if (webappId === '') return paramsInvalid()
  return success(
    ['写实', '水彩', '赛博朋克'].map((modelName, index) => ({
      id: String(index + 1),
      type: 2,
      webappId,
      modelCategory: 'style',
      modelName,
      modelKey: `input${index + 1}`,
      modelPreviewUrl: `${house.url()}/preview/${index + 1}.png`,
      content: modelName,
      modelTrigger: '',
      modelLoar1FileName: `style_${index + 1}.safetensors`,
      modelLoar1Weight: '0.8',
      modelLoar2FileName: null,
      modelLoar2Weight: null,
    })),
  )
}
