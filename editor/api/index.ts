export type { BatchCommand, BatchPlan, BatchRow, BatchRowState, BatchSummary, BatchWish } from './batches.ts'
export { type Api, createApi, type KeyChoice, type ViewedFile } from './client.ts'
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
  CloudApps,
  CloudDescription,
  Costs,
  FileKind,
  Health,
  ImportReport,
  KeyFacts,
  KeyList,
  Limits,
  NodeErrors,
  Notify,
  Question,
  Registry,
  RegistryReport,
  RunDetails,
  RunSummary,
  ShelfItem,
  Snippets,
  StoredKey,
  UserFile,
  Webhook,
} from './schemas.ts'
export { connectSocket, type SocketMessage, type SocketState } from './socket.ts'
