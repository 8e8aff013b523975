export type { BatchCommand, BatchPlan, BatchRow, BatchRowState, BatchSummary, BatchWish } from './batches.ts'
export { type Api, createApi, type KeyChoice, type ViewedFile } from './client.ts'
export type {
  CloudApps,
  CloudDescription,
  Costs,
  KeyFacts,
  KeyList,
  Question,
  Registry,
  RegistryReport,
  StoredKey,
  Webhook,
} from './cloud-schemas.ts'
export { ApiError } from './http.ts'
export {
  cloneJson,
  isObject,
  type Json,
  type JsonObject,
  jsonEqual,
  parseJson,
  setOwn,
  writeJson,
} from './json.ts'
export { newId } from './new-id.ts'
export type {
  Asset,
  CheckProblem,
  FileKind,
  Health,
  ImportReport,
  Limits,
  NodeErrors,
  Notify,
  RunDetails,
  RunSummary,
  ShelfItem,
  Snippets,
  UserFile,
} from './schemas.ts'
export { connectSocket, type SocketMessage, type SocketState } from './socket.ts'
