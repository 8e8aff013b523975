import type { CloudJob, NodeContext } from '../../nodes/context.ts'
import type { CreateRequest, RunningHubClient } from '../runninghub/index.ts'
import type { Claim } from './claim.ts'
import type { CloudOptions } from './cloud.ts'
import type { Work } from './journal.ts'
import type { Site } from './site.ts'
import type { Teller } from './teller.ts'

/** One job on its way, with everything its steps need. */
export type Job = {
  readonly job: CloudJob
  readonly request: CreateRequest
  readonly work: Work
  /** Created only, and left to run. */
  readonly leave: boolean
  readonly context: NodeContext
  readonly site: Site
  readonly lane: string
  readonly client: RunningHubClient
  readonly tell: Teller
  readonly options: CloudOptions
  readonly claim: Claim
  /** Whether somebody else waits for its task. */
  isWanted(): boolean
}
