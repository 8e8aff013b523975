import {
  anything,
  exact,
  flag,
  list,
  nullable,
  number,
  object,
  optional,
  type Reader,
  scalar,
  text,
} from './schema.ts'

/** What the server answers about the cloud and what it costs: keys, fields, prices, and creates in doubt. */
export const keysSchema = object({
  keys: list(object({ name: text, lastFour: text, baseUrl: nullable(text), isDefault: flag })),
  protection: object({ kind: text, isLocked: flag }),
})
/** Amounts are text: they are money. */
export const keyFactsSchema = object({
  site: text,
  kind: text,
  coins: nullable(text),
  money: nullable(text),
  currency: text,
  running: nullable(number),
  limit: nullable(number),
  isLow: flag,
})
const label = object({ en: text, zh: text })
const targetKind: Reader<'workflow' | 'app'> = value => (value === 'app' ? 'app' : 'workflow')
/** A cloud workflow or AI app with its fields. */
export const descriptionSchema = object({
  kind: targetKind,
  id: text,
  site: text,
  name: text,
  cover: optional(text),
  isProtected: flag,
  isOpen: flag,
  fields: list(
    object({
      nodeId: text,
      fieldName: text,
      title: text,
      classType: text,
      label,
      kind: text,
      multiline: flag,
      value: scalar,
      options: list(object({ value: text, label })),
      min: optional(exact),
      max: optional(exact),
      step: optional(number),
    }),
  ),
})
const itemSchema = object({ nodeId: text, fieldName: text, fieldValue: anything })
/** What a pasted text is. */
export const cloudReadSchema = object({
  pasted: object({
    what: text,
    /** Of a link: the site it leads to. */
    site: optional(text),
    endpoint: optional(text),
    items: optional(list(itemSchema)),
  }),
  found: list(descriptionSchema),
})
/** Apps of the site that match some words; `uses` where the site says how often one was run. */
export const cloudAppsSchema = object({
  site: text,
  total: number,
  items: list(object({ id: text, title: text, description: text, cover: text, uses: nullable(number) })),
})
const range = nullable(object({ low: number, high: number }))
export const estimateSchema = object({
  tasks: number,
  coins: range,
  money: range,
  seconds: range,
  currency: nullable(text),
  source: object({ kind: text, count: optional(number) }),
})
export const costsSchema = object({
  by: text,
  costs: list(object({ name: text, tasks: number, coins: number, money: number, seconds: number })),
})
export const webhookSchema = object({
  url: text,
  status: text,
  response: text,
  retries: number,
  updatedAt: text,
})
const registryProblem = object({ index: number, name: text, message: text, skipped: flag })
export const registriesSchema = object({
  registries: list(
    object({ name: text, models: number, problems: list(registryProblem), refusal: nullable(text) }),
  ),
})
export const registryReportSchema = object({
  name: text,
  models: number,
  clashes: list(text),
  problems: list(registryProblem),
})
/** Creates whose answer was lost, each with what can be decided about it. */
export const questionsSchema = object({
  unknown: list(
    object({
      seq: number,
      runId: text,
      nodeId: text,
      site: text,
      keyName: text,
      targetId: text,
      createdAt: number,
      what: text,
    }),
  ),
})

export type KeyList = ReturnType<typeof keysSchema>
export type StoredKey = KeyList['keys'][number]
export type KeyFacts = ReturnType<typeof keyFactsSchema>
export type CloudDescription = ReturnType<typeof descriptionSchema>
export type CloudApps = ReturnType<typeof cloudAppsSchema>
export type Costs = ReturnType<typeof costsSchema>
export type Webhook = ReturnType<typeof webhookSchema>
export type Registry = ReturnType<typeof registriesSchema>['registries'][number]
export type RegistryReport = ReturnType<typeof registryReportSchema>
export type Question = ReturnType<typeof questionsSchema>['unknown'][number]
