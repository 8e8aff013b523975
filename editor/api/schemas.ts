import {
  anything,
  flag,
  list,
  nullable,
  number,
  object,
  optional,
  type Reader,
  record,
  scalar,
  text,
} from './schema.ts'

const fileKinds = ['image', 'video', 'audio', 'text', 'latent', 'model3d', 'file'] as const
export type FileKind = (typeof fileKinds)[number]
export const fileKind: Reader<FileKind> = value => fileKinds.find(kind => kind === value) ?? 'file'

/** What the server answers, as far as the editor reads it. The contract test holds these against a real server. */
const fileSchema = object({
  nodeId: text,
  filename: text,
  subfolder: text,
  type: text,
  kind: fileKind,
  bytes: number,
  /** Where it lies on the server's disk. */
  path: optional(text),
})
const taskSchema = object({
  nodeId: text,
  taskId: text,
  status: text,
  coins: nullable(text),
  money: nullable(text),
  seconds: nullable(text),
})
const runFields = {
  id: text,
  status: text,
  number,
  name: nullable(text),
  shape: text,
  createdAt: number,
  startedAt: nullable(number),
  finishedAt: nullable(number),
  files: list(fileSchema),
  tasks: list(taskSchema),
}
const runSummarySchema = object(runFields)
export const runsSchema = object({ runs: list(runSummarySchema) })
export const runSchema = object({
  ...runFields,
  nodes: list(
    object({
      nodeId: text,
      type: text,
      title: nullable(text),
      state: text,
      since: optional(number),
      progress: optional(
        object({
          phase: text,
          done: optional(number),
          of: optional(number),
          label: optional(text),
          nodesDone: optional(number),
          nodesTotal: optional(number),
          bytes: optional(number),
        }),
      ),
    }),
  ),
  texts: list(object({ nodeId: text, text })),
  errors: list(
    object({
      nodeId: text,
      nodeType: text,
      code: text,
      message: text,
      hint: nullable(text),
      taskId: nullable(text),
    }),
  ),
  journal: list(
    object({
      nodeId: text,
      taskId: nullable(text),
      state: text,
      site: text,
      keyName: text,
      recordPage: nullable(text),
      /** The run that paid for it: another one's when its task was taken over. */
      createdBy: text,
      /** Whether RunningHub was asked to call at its end. */
      webhook: flag,
      waitedMs: number,
      retries: number,
      bytes: number,
      coins: nullable(text),
      money: nullable(text),
      seconds: nullable(text),
      events: list(object({ at: number, what: text, why: optional(text) })),
    }),
  ),
  prompt: anything,
  workflow: anything,
})
export const healthSchema = object({
  version: text,
  mode: text,
  site: text,
  keyName: nullable(text),
  keysLocked: flag,
  running: number,
  waiting: number,
})
/** A graph as a command (of a saved file only) and as programs. */
export const snippetsSchema = object({ cli: nullable(text), curl: text, python: text, typescript: text })
export type Snippets = ReturnType<typeof snippetsSchema>
export const assetsSchema = object({
  assets: list(
    object({
      filename: text,
      subfolder: text,
      type: text,
      kind: fileKind,
      bytes: number,
      modified: number,
      path: text,
    }),
  ),
})
export const pinSchema = object({ pin: text })
export const movedSchema = object({ moved: flag })
/** Whom the server calls when a run or a batch ends; the newest call first. */
export const notifySchema = object({
  url: nullable(text),
  fromFlag: flag,
  deliveries: list(object({ url: text, event: text, state: text, tries: number, last: nullable(text) })),
})
export const stoppedSchema = object({ stopped: flag })
export const limitsSchema = object({
  parallel: number,
  historyEntries: number,
  historyDays: number,
  cacheBytes: number,
  resultBytes: number,
  /** What may be spent; 0 is as much as there is. */
  capCoinsPerRun: number,
  capCoinsPerDay: number,
  capMoneyPerDay: number,
  /** A balance below is told as low; 0: never. */
  warnBelowCoins: number,
  warnBelowMoney: number,
  /** Those a flag of the server's start decides: a change counts from the next start. */
  fromFlags: list(text),
})
const nodeListItem = object({
  type: text,
  nodeIds: list(text),
  titles: list(text),
  pack: optional(text),
  needsGpu: optional(flag),
})
const importFields = {
  workflow: anything,
  prompt: anything,
  report: object({
    kind: text,
    nodes: number,
    unknown: list(nodeListItem),
    aliases: list(object({ nodeId: text, written: text, type: text })),
    keys: list(object({ name: text, lastFour: text, nodeId: text, input: text })),
    brokenLinks: list(object({ nodeId: text, input: text, why: text })),
    notices: list(object({ nodeId: optional(text), code: text, message: text })),
  }),
}
export const importSchema = object(importFields)
const problem = object({
  nodeId: text,
  nodeType: text,
  input: optional(text),
  code: text,
  message: text,
  hint: nullable(text),
  /** Input values that would put it right. */
  fix: optional(record(scalar)),
})
export const checkSchema = object({
  ...importFields,
  problems: list(problem),
  /** What may go wrong and holds up nothing. */
  warnings: list(problem),
  /** Output nodes that would run. */
  outputs: list(text),
})
const promptError = object({ type: text, message: text, details: text, extra_info: anything })
const nodeErrorsSchema = record(object({ errors: list(promptError), class_type: text }))
export const queuedSchema = object({ prompt_id: text, number, node_errors: nodeErrorsSchema })
export const refusedSchema = object({ error: promptError, node_errors: nodeErrorsSchema })
export const uploadedSchema = object({ name: text, subfolder: text, type: text })
export const userFilesSchema = list(object({ path: text, size: number, modified: number }))
export const errorSchema = object({
  error: object({ code: text, message: text, hint: nullable(text), found: optional(text) }),
})
export const templatesSchema = list(
  object({
    templates: list(
      object({
        name: text,
        title: text,
        description: text,
        titleZh: optional(text),
        descriptionZh: optional(text),
      }),
    ),
  }),
)

export type RunSummary = ReturnType<typeof runSummarySchema>
export type RunDetails = ReturnType<typeof runSchema>
export type Health = ReturnType<typeof healthSchema>
export type Notify = ReturnType<typeof notifySchema>
export type Limits = ReturnType<typeof limitsSchema>
export type CheckProblem = ReturnType<typeof checkSchema>['problems'][number]
export type Asset = ReturnType<typeof assetsSchema>['assets'][number]
type Imported = ReturnType<typeof importSchema>
export type ImportReport = Imported['report']
export type NodeErrors = ReturnType<typeof nodeErrorsSchema>
export type UserFile = ReturnType<typeof userFilesSchema>[number]
export type ShelfItem = {
  name: string
  title: string
  titleZh: string
  description: string
  descriptionZh: string
}
