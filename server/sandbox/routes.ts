import type { Handler } from './call.ts'
import { accountStatus, apiKeyList, queueStatus } from './calls/account.ts'
import { assetCall } from './calls/assets.ts'
import { addFaults, clearFaults, health, listFaults, showLog } from './calls/control.ts'
import { createWorkflow, runApp, runQuickApp } from './calls/create.ts'
import { apiCallDemo, jsonApiFormat, modelParams } from './calls/describe.ts'
import { getFile } from './calls/files.ts'
import { appList, resourceList, webappList } from './calls/lists.ts'
import { pricePreview, runModel } from './calls/models.ts'
import { cancel, outputs, queryV2, status } from './calls/query.ts'
import { runV2 } from './calls/run-v2.ts'
import { loraUploadUrl, putLora, uploadV1, uploadV2 } from './calls/upload.ts'
import { retryWebhook, webhookDetail } from './calls/webhook.ts'
import { plain, refuse, text, wrongUrl } from './reply.ts'
import type { FaultPlace } from './types.ts'

export type Route = {
  methods: readonly string[]
  path: string | RegExp
  /** Where fault rules know it; `none` for the sandbox's own calls. */
  place: FaultPlace | 'none'
  /** `stream`: the handler reads the body itself. */
  body: 'json' | 'stream'
  handler: Handler
}

const route = (
  methods: string,
  path: string | RegExp,
  place: Route['place'],
  handler: Handler,
  body: Route['body'] = 'json',
): Route => ({ methods: methods.split(' '), path, place, body, handler })

/** The other families of v2 are no models. */
const modelPath =
  /^\/openapi\/v2\/(?!(run|query|media|task|assets|queue|api-key|resource|aiapp|price-preview)(\/|$)).+$/

const routes: readonly Route[] = [
  route('GET', '/__sandbox/health', 'none', health),
  route('GET', '/__sandbox/log', 'none', showLog),
  route('GET', '/__sandbox/faults', 'none', listFaults),
  route('POST', '/__sandbox/faults', 'none', addFaults),
  route('DELETE', '/__sandbox/faults', 'none', clearFaults),

  route('POST', '/task/openapi/create', 'create', createWorkflow),
  route('POST', '/task/openapi/ai-app/run', 'create', runApp),
  route('POST', '/task/openapi/quick-ai-app/run', 'create', runQuickApp),
  route('POST', '/task/openapi/status', 'status', status),
  route('POST', '/task/openapi/outputs', 'outputs', outputs),
  route('POST', '/task/openapi/cancel', 'cancel', cancel),
  route('POST', '/task/openapi/upload', 'upload', uploadV1, 'stream'),
  route('POST', '/task/openapi/getWebhookDetail', 'account', webhookDetail),
  route('POST', '/task/openapi/retryWebhook', 'account', retryWebhook),
  route('POST', '/api/openapi/getJsonApiFormat', 'json', jsonApiFormat),
  route('POST', '/api/openapi/getLoraUploadUrl', 'upload', loraUploadUrl),
  route('GET', '/api/webapp/apiCallDemo', 'json', apiCallDemo),
  route('POST', '/api/webapp/list', 'json', webappList),
  route('POST', '/api/fast/creation/model/params', 'json', modelParams),
  route('POST', '/uc/openapi/accountStatus', 'account', accountStatus),

  route('POST', /^\/openapi\/v2\/run\/ai-app\/[^/]+$/, 'create', runV2('app')),
  route('POST', /^\/openapi\/v2\/run\/workflow\/[^/]+$/, 'create', runV2('workflow')),
  route('POST', '/openapi/v2/query', 'outputs', queryV2),
  route('POST', '/openapi/v2/media/upload/binary', 'upload', uploadV2, 'stream'),
  route('GET', '/openapi/v2/queue/status', 'account', queueStatus),
  route('GET', '/openapi/v2/api-key/list', 'account', apiKeyList),
  route('POST', '/openapi/v2/resource/list', 'account', resourceList),
  route('POST', '/openapi/v2/aiapp/list', 'account', appList),
  route('POST', /^\/openapi\/v2\/price-preview\/.+$/, 'account', pricePreview),
  route('POST', /^\/openapi\/v2\/assets\/(create|query|list|update|delete)$/, 'account', assetCall),
  route('POST', modelPath, 'create', runModel),

  route('GET HEAD', /^\/(output|input)\//, 'file', getFile),
  route('PUT', /^\/models\/api-lora-cn\//, 'upload', putLora, 'stream'),
]

/** The call a request names; a path or method nobody knows is answered in its family's words. */
export function findRoute(method: string, path: string): Route {
  const here = routes.filter(({ path: form }) => (typeof form === 'string' ? form === path : form.test(path)))
  const found = here.find(({ methods }) => methods.includes(method))
  if (found) return found
  const v2 = path.startsWith('/openapi/v2/')
  const unknown: Handler = () => {
    if (v2 && here.length > 0) return refuse({ code: 1009, msg: 'HTTP method not supported' })
    if (v2) return refuse({ code: 1001, msg: 'Invalid URL' })
    if (/^\/(task|api|uc|file)\//.test(path)) return wrongUrl()
    return path === '/' ? plain({ sandbox: true }) : text(404, 'Not Found\n')
  }
  // Its body is not worth reading: an upload to a wrong path would be 30 MB.
  return { methods: [method], path, place: '*', body: 'stream', handler: unknown }
}
