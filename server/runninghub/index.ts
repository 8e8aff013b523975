export {
  type CreateRequest,
  createRunningHubClient,
  type RunningHubClient,
  type WireNodeInfo,
} from './client.ts'
export { readTitles } from './cloud-progress.ts'
export { downloadFile, maxResultBytes } from './download.ts'

export { CloudError, withTask } from './errors.ts'
export type { Cost, OutputFile } from './outputs.ts'
export { noCost } from './outputs.ts'
export { runTask, type TaskEvent } from './run-task.ts'
export { defaultBaseUrl, isLoopback, normaliseBaseUrl, recordPage } from './site.ts'
export type { Slots } from './slots.ts'
export { createTransport, type Transport } from './transport.ts'
export { uploadFile } from './upload.ts'
