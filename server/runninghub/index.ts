export {
  createRunningHubClient,
  type KeptAsset,
  type RunningHubClient,
  type WebhookDetail,
  type WireStyle,
} from './client.ts'
export { readTitles } from './cloud-progress.ts'
export { type CreateRequest, takesWebhook, textsIn, withTexts } from './create-request.ts'
export { downloadFile, maxResultBytes } from './download.ts'

export { CloudError, withTask } from './errors.ts'
export { followTask, type WebhookEar } from './follow.ts'
export { readInlineGraph } from './inline-graph.ts'
export {
  type AppSort,
  type ListedApp,
  type ListedKey,
  type ListedResource,
  maxPageSize,
  type Page,
  type ResourceType,
  resourceTypes,
} from './lists.ts'
export type { Cost, OutputFile } from './outputs.ts'
export { noCost } from './outputs.ts'
export { lookAt, runTask, type TaskEvent } from './run-task.ts'
export {
  defaultBaseUrl,
  isLoopback,
  isSameSite,
  knownSites,
  normaliseBaseUrl,
  recordPage,
} from './site.ts'
export type { Slots } from './slots.ts'
export { createTransport, type Transport } from './transport.ts'
export { uploadFile, uploadIsLarge, uploadTooBig } from './upload.ts'
export { uploadLora } from './upload-lora.ts'
