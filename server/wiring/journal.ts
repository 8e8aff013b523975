import type { CloudJob, CloudResult } from '../../nodes/context.ts'
import type { Cost, OutputFile } from '../runninghub/index.ts'

/**
 * What is written down about tasks that cost money, each step before the next one goes out. The journal is what makes a
 * crash harmless: whoever runs the same work again finds the task instead of creating another.
 */
export type TaskState =
  /** The create is about to be sent, or was and its answer is lost with the process. */
  | 'submitting'
  /** The create's answer was lost: a paid task may exist. */
  | 'unknown'
  | 'created'
  | 'queued'
  | 'running'
  /** Somebody stopped it; what the cloud says to that is not known yet. */
  | 'stopping'
  /** Done on RunningHub, its files not all here yet: fetchable for 24 hours. */
  | 'done'
  | 'fetched'
  /** Created and left to run: whoever wants its results asks for them by its id. */
  | 'left'
  | 'failed'
  | 'cancelled'
  /** Nothing was created. */
  | 'refused'

/** Which work a task does: a node of a run, and by content whichever run asks for the same. */
export type Work = {
  readonly runId: string
  readonly nodeId: string
  /** Of list items mapped over one node, the number of the call. */
  readonly call: number
  /** Hash of the node, all its inputs, the call and the site; without any key. */
  readonly signature: string
}

/** What the site said of the key: how many tasks run, and what is left of the money. */
export type AccountLook = {
  readonly running: number | null
  readonly coins: string | null
  readonly money: string | null
}

export type NewTask = Work & {
  /** As it was before the create, to settle a lost answer by looking again; undefined when the site did not say. */
  readonly before: AccountLook | undefined
  /** Names key and site without telling the key. */
  readonly lane: string
  /** What happened before the create: waits. */
  readonly notes: readonly TaskNote[]
  readonly site: string
  readonly keyName: string
  readonly kind: CloudJob['kind']
  readonly targetId: string
  /** Runs that share a cap. */
  readonly group?: string
}

export type TaskRecord = Omit<NewTask, 'notes'> & {
  readonly seq: number
  readonly state: TaskState
  readonly taskId: string | undefined
  readonly createdAt: number
  readonly endedAt: number | undefined
  /** Set from `done` on. */
  readonly outputs: TaskOutputs | undefined
  /** Set when fetched. */
  readonly result: CloudResult | undefined
  /** The failure of a task that ended badly, to be told again rather than paid again. */
  readonly error: { readonly message: string; readonly code: string; readonly hint?: string } | undefined
  /** States and waits with their times, for the run report. */
  readonly events: readonly TaskNote[]
}

export type TaskOutputs = {
  readonly files: readonly OutputFile[]
  readonly texts: readonly string[]
  readonly cost: Cost
  /** Of a standard model: the answer as it came. */
  readonly response?: string
}

export type TaskNote = { readonly at: number; readonly what: string; readonly why?: string }

export type Journal = {
  /** Writes "submitting" and takes the task in hand. Durable when it returns, as all that follow. */
  submitting(task: NewTask, at: number): number
  set(
    seq: number,
    state: TaskState,
    at: number,
    facts?: {
      taskId?: string
      outputs?: TaskOutputs
      result?: CloudResult
      error?: TaskRecord['error']
      why?: string
    },
  ): void
  /** Adds to the report without changing the state. */
  note(seq: number, note: TaskNote): void
  /**
   * The task that does this work already and that nobody follows: of this very run and node in any state, or of any run with the same
   * signature when it has a result or may still get one. Asked for anew, a result of another run is not wanted; a task whose process died
   * in the middle of it is. Whoever waited for it is told of its failure, too. Whoever gets it follows it from then on.
   */
  adopt(work: Work, how: { isForced: boolean; waitedSince?: number }): TaskRecord | undefined
  /** Nobody follows it any more; the next run of the same work will. */
  letGo(seq: number): void
  /** Its follower stops in the middle, as at the end of the process; whoever does the work next goes on, asked for anew or not. */
  handOver(seq: number): void
  get(seq: number): TaskRecord | undefined
  /** Whether it may still come to a result and nobody follows it. */
  isAbandoned(seq: number): boolean
  ofRun(runId: string): readonly TaskRecord[]
  /** What is known of a task of a key by its id. */
  ofTask(lane: string, taskId: string): TaskRecord | undefined
  byTaskIds(taskIds: readonly string[]): readonly TaskRecord[]
  /** The tasks of a key that have not ended as far as is known here. */
  liveTasks(lane: string): readonly Pick<TaskRecord, 'taskId' | 'kind'>[]
  /** Forgets tasks that ended before `olderThan`. */
  trim(olderThan: number): void
}

/** Places in front of a key, for every process on the data folder. */
export type LaneStore = {
  /** Takes a place of `lane` unless `limit` are taken. Answers the place, or how many are busy. */
  take(lane: string, limit: number): { place: number } | { busy: number }
  free(place: number): void
  /** The time at which this lane may be asked next, `spacingMs` after whoever asked last; the claim is taken. */
  claimQuestion(lane: string, now: number, spacingMs: number): number
}

/**
 * The line of those who want the same work (see {@link Work.signature}), for every process on the data folder: its first does the work, the
 * others wait for what comes of it. Whoever's process has died is out of it.
 */
export type ClaimStore = {
  /** Goes to the end of the line; answers the claim. Asked for anew, the work is done beside what the line does, and the line waits for it, too. */
  enter(signature: string, isForced: boolean): number
  isFirst(signature: string, claim: number): boolean
  /** Whether anybody behind this claim waits. */
  isWanted(signature: string, claim: number): boolean
  leave(claim: number): void
}

/** What the cloud calls a file: `fileName` in nodes, `url` in fields of standard models; null where the site gave none. */
export type KnownUpload = { readonly fileName: string; readonly url: string | null }

/** Uploads by content: their names are used again until they expire. */
export type UploadStore = {
  find(lane: string, sha256: string, now: number): KnownUpload | undefined
  /** The file behind a name or address the cloud was given, to send it again. */
  behind(lane: string, given: string): { path: string; sha256: string; isUrl: boolean } | undefined
  remember(upload: KnownUpload & { lane: string; sha256: string; path: string; expiresAt: number }): void
  forget(lane: string, given: string): void
  trim(now: number): void
}
