export {
  createSiteMemory,
  factsOfKey,
  homeOfKey,
  type KeyFacts,
  type KeyHome,
  rememberKind,
  type SiteMemory,
} from './ask-site.ts'
export { createCloudAccess } from './cloud.ts'
export {
  type CostSum,
  type CostsBy,
  costsAsCsv,
  estimateGraph,
  type GraphEstimate,
  sumCosts,
} from './cost-summary.ts'
export { foretell, foretellTargets } from './foretell.ts'
export type {
  ClaimStore,
  Journal,
  LaneStore,
  TaskNote,
  TaskRecord,
  TaskState,
  UploadStore,
  Work,
} from './journal.ts'
export { type KeptKeys, type KeyChoice, keepKeys } from './keep-keys.ts'
export { createKeyKinds } from './key-kind.ts'
export type { KeyProtection, KeySecret, KeyStore, StoredKey } from './key-store.ts'
export {
  createKnowledge,
  createUnkeptDescriptions,
  type DescriptionStore,
  type Knowledge,
} from './knowledge.ts'
export { laneOf } from './lane.ts'
export { createOffers } from './offers.ts'
export { createOtherSites } from './other-site.ts'
export { createPricePreview } from './price-preview.ts'
export { reportTasks, type TaskReport } from './report.ts'
export { nameSite, resolveSite, type SiteSources } from './site.ts'
export { createSharedSlots } from './slots.ts'
export {
  type Caps,
  type CostRow,
  createSpending,
  type Estimate,
  type SpendingScope,
  type SpendingStore,
} from './spending.ts'
export { createDecisions, type Decision, type OpenQuestion, type UnknownPolicy } from './unknown.ts'
export { createUnlockWait, withKeys } from './until-unlocked.ts'
export { type WebhookLook, webhookOfTask } from './webhook-look.ts'
export { createWebhooks, type Webhooks } from './webhooks.ts'
