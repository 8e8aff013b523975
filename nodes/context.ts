import type { Asset, NodeInfo, RunningHubSettings } from './values.ts'

/**
 * What a node's execute() receives besides its inputs: interfaces only. The server's wiring makes them; a test makes
 * its own in a few lines.
 */
export type NodeContext = {
  readonly nodeId: string
  /** Which work this is, for whoever must recognise it after a crash. */
  readonly work: {
    readonly runId: string
    /** The node's signature, undefined when it has none. */
    readonly signature: string | undefined
    /** Of several calls over a list, the number of this one. */
    readonly call: number
    /** Asked for anew: results of earlier runs are not wanted. */
    readonly isForced: boolean
  }
  /** Ends every wait of the node. */
  readonly signal: AbortSignal
  /** Tells people how far the node is. The executor clamps and throttles; call it as often as there is news. */
  report(progress: Progress): void
  /** Shows a picture while the node works: to ComfyUI's clients as a preview frame. Nobody keeps it. */
  preview(picture: Preview): void
  /** Tells of a remote task: once when it is known, again at each change of its state. */
  reportTask(task: RemoteTask): void
  /** The declared type of the output that feeds an input, or undefined for a value typed in. */
  linkedType(input: string): string | undefined
  /** Whether anything in this run takes the named output. */
  isTaken(output: string): boolean
  readonly assets: AssetAccess
  readonly cloud: CloudAccess
}

/** How far a node is. `done`/`of` in the unit the phase implies: steps, bytes, files; `of` absent while unknown. */
export type Progress = {
  readonly phase:
    | 'waiting-slot'
    | 'uploading'
    | 'submitting'
    | 'queued'
    | 'running'
    | 'downloading'
    /** The answer to a create was lost; a person has to decide. */
    | 'unknown-create'
    | 'working'
  readonly done?: number
  readonly of?: number
  /** What is worked on now: a cloud node's title, a file name. */
  readonly label?: string
  /** Inside `running`: cloud nodes done and their count, when it is known. */
  readonly nodesDone?: number
  readonly nodesTotal?: number
  /** Inside `downloading`: bytes so far. */
  readonly bytes?: number
}

/** An encoded picture. */
export type Preview = { readonly bytes: Uint8Array; readonly mediaType: 'image/png' | 'image/jpeg' }

/** One execution elsewhere that costs money. Amounts are decimal texts as the cloud gave them, null when it gave none. */
export type RemoteTask = {
  readonly taskId: string
  readonly status: 'created' | 'queued' | 'running' | 'success' | 'failed' | 'cancelled' | 'unknown'
  /** What a stop came to, or what else people should know. */
  readonly note?: string
  readonly coins: string | null
  /** For machine time and for models of third parties together. */
  readonly money: string | null
  readonly seconds: string | null
}

export type Folder = 'input' | 'output' | 'temp'

/** A file that was saved where people find it (ComfyUI: UI outputs `{ filename, subfolder, type }`). */
export type SavedFile = {
  readonly filename: string
  readonly subfolder: string
  readonly type: Folder
  readonly asset: Asset
}

/** Something to save: a file as it is, or bytes a node has made, with their extension (`png`). */
export type Saveable = (
  | { readonly asset: Asset; readonly extension?: string }
  | { readonly bytes: Uint8Array; readonly extension: string }
) & {
  /** Put between number and extension: `-audio` gives `name_00001-audio.mp4`. */
  readonly ending?: string
  /** The file is as it should be: the run's metadata is in it already, or not wanted. */
  readonly isTagged?: boolean
}

export type SaveRequest = {
  readonly folder: 'output' | 'temp'
  /** ComfyUI's filename_prefix: may hold folders and tokens (`%date%` kinds, `%width%`). */
  readonly prefix: string
  /** `name_00001_.png` when true (pictures), `name_00001.wav` when false. */
  readonly trailingUnderscore: boolean
  /** All items get the same number; their endings or extensions tell them apart. */
  readonly isOneGroup?: boolean
  /** Taken one at a time, so that they may be made while they are saved. */
  readonly items: Iterable<Saveable> | AsyncIterable<Saveable>
  /** Of the first picture, for the tokens %width% and %height%. */
  readonly width?: number
  readonly height?: number
}

/** A file of a folder, not looked into: `mediaType` by its name, `stamp` another one when it was changed. */
export type ListedFile = {
  readonly name: string
  readonly path: string
  readonly mediaType: string
  readonly stamp: string
}

export type AssetAccess = {
  /** Finds a file by its annotated name (`sub/a.png`, `a.png [output]`). Throws NodeError `input-missing`. */
  find(annotatedName: string): Promise<Asset>
  /** Whether the file is there, for validators. */
  exists(annotatedName: string): Promise<boolean>
  /**
   * A file by its absolute path, or by its path inside the data folder (`input/a.wav`): only below the input, output and temp folders
   * and the folders the user allowed. Throws NodeError-like `path-not-allowed` or `input-missing`.
   */
  findPath(path: string): Promise<Asset>
  /**
   * The files of a folder by name, numbers in their order: of the input folder (`''`), one below it (`set1`, `input/set1`), of the
   * others (`output/set1`), or by its absolute path, where `findPath` may read. `below` adds those of the folders inside, their names with
   * slashes. Throws as `findPath` does, and `too-many-files`.
   */
  list(folder: string, options?: { below?: boolean }): Promise<readonly ListedFile[]>
  /** Keeps bytes a node has made as an asset for later nodes. */
  keep(bytes: Uint8Array, name: string): Promise<Asset>
  /** Keeps a file that `write` puts at the path it is given: for what is too big for memory. `name` has the extension. */
  produce(name: string, write: (path: string) => Promise<void>): Promise<Asset>
  /** What is written into saved files (`prompt`, `workflow`), for the containers that only an encoder can write it into. */
  readonly metadata: Readonly<Record<string, string>>
  /** Writes files into the output or temp folder; never overwrites. PNG files receive the run's metadata. */
  save(request: SaveRequest): Promise<readonly SavedFile[]>
  /** The whole file as UTF-8 text, up to `maxBytes`. */
  readText(asset: Asset, maxBytes: number): Promise<string>
  /** Bytes `from` to `to` of a file; fewer where it ends. */
  readBytes(asset: Asset, from: number, to: number): Promise<Uint8Array>
}

/** What to run on RunningHub, by kind. */
export type CloudJob = {
  readonly settings: RunningHubSettings
  /** From creation to end. */
  readonly timeoutMs: number
  /** How many tasks this key may run at a time, as the graph says. */
  readonly concurrency: number
  /** Of several tasks that one call of a node makes, the number of this one. */
  readonly part?: number
} & (
  | ({
      readonly kind: 'workflow'
      /** A whole API-format graph as JSON text, run in place of the saved one. */
      readonly workflow?: string
      readonly addMetadata?: boolean
      readonly usePersonalQueue?: boolean
      readonly retainSeconds?: number
    } & GraphJob)
  | ({ readonly kind: 'app' } & GraphJob)
  /** RunningHub's quick create: an AI app with a code such as `006`. */
  | ({ readonly kind: 'quick'; readonly quickCreateCode: string } & Pick<GraphJob, 'nodeInfoList'>)
  /** A standard model: `endpoint` is its path, `body` what is sent, addresses of media in it. */
  | { readonly kind: 'model'; readonly endpoint: string; readonly body: Readonly<Record<string, unknown>> }
)

/** What jobs have in common that run a graph; `settings.targetId` names it. */
type GraphJob = {
  readonly nodeInfoList: readonly NodeInfo[]
  /** Machine with 48 (`plus`) or 84 GB (`ultra`) instead of 24 GB. */
  readonly instanceType?: 'plus' | 'ultra'
  readonly accessPassword?: string
}

/** One file a task gave, in the cloud's order. `type` is the cloud's word for it: a lower-case file extension. */
export type CloudFile = {
  readonly asset: Asset
  readonly type: string
  readonly cloudNodeId: string | null
  /** Where the cloud keeps it for a day. */
  readonly url?: string
}

export type CloudResult = {
  readonly taskId: string
  readonly files: readonly CloudFile[]
  /** Results that are text and no file (RunningHub v2: results[].text). */
  readonly texts: readonly string[]
  readonly cost: TaskCost
  /** Of a standard model: the cloud's last answer as it came. */
  readonly response?: string
}

/** What a task cost, once: decimal texts as the cloud gave them, null when it gave none. */
export type TaskCost = {
  readonly coins: string | null
  readonly money: string | null
  readonly thirdPartyMoney: string | null
  readonly seconds: string | null
}

/** How a task stands when it is asked for once. */
export type TaskLook = {
  readonly status: 'QUEUED' | 'RUNNING' | 'SUCCESS' | 'FAILED'
  /** Why it failed, in a sentence. */
  readonly reason?: string
  readonly cost: TaskCost
}

/** What a key has and does. Amounts are decimal texts, null when the site does not say. */
export type KeyStatus = {
  readonly kind: string
  readonly coins: string | null
  readonly money: string | null
  readonly currency: string
  readonly running: number | null
  readonly limit: number | null
}

export type CloudAccess = {
  /** Runs one task to its end and brings its files here. Reports through `context`. */
  runTask(job: CloudJob, context: NodeContext): Promise<CloudResult>
  /** Creates a task, once, and leaves it to run; resolves to its taskId. Whoever wants its results fetches them by that. */
  startTask(job: CloudJob, context: NodeContext): Promise<string>
  /** Waits for a task that exists, whoever started it, and brings its files here. Never creates one. */
  fetchTask(wanted: TaskWish, context: NodeContext): Promise<CloudResult>
  lookAtTask(task: TaskName, context: NodeContext): Promise<TaskLook>
  /** Asks the cloud to stop a task; false when there was nothing to stop any more. */
  cancelTask(task: TaskName, context: NodeContext): Promise<boolean>
  keyStatus(settings: RunningHubSettings, context: NodeContext): Promise<KeyStatus>
  /** The style library of an app's quick create, as RunningHub gives it. */
  quickStyles(settings: RunningHubSettings, context: NodeContext): Promise<readonly QuickStyle[]>
  /** Where tasks with these settings go: a site's address, or `sandbox`. Part of what a result depends on. */
  siteOf(settings: RunningHubSettings): Promise<string>
  /** Uploads a file; resolves to the name a cloud node takes (`api/<hash>.png`). */
  upload(settings: RunningHubSettings, asset: Asset, context: NodeContext): Promise<string>
  /** Uploads a LoRA of any size; resolves to the name RHLoraLoader takes. */
  uploadLora(settings: RunningHubSettings, asset: Asset, context: NodeContext): Promise<string>
  /** Uploads a file; resolves to its address, good for a day: what fields of standard models take. */
  publish(settings: RunningHubSettings, asset: Asset, context: NodeContext): Promise<string>
  /** Hands a published file to RunningHub to be kept, and waits until it can be used (RunningHub: assets of one model family). */
  registerAsset(
    settings: RunningHubSettings,
    media: { readonly kind: RemoteAssetKind; readonly url: string },
    context: NodeContext,
  ): Promise<RemoteAsset>
  /** What RunningHub says of a kept file. */
  findAsset(settings: RunningHubSettings, assetId: string, context: NodeContext): Promise<RemoteAsset>
}

/** A task of the key that `settings` come to. */
export type TaskName = { readonly settings: RunningHubSettings; readonly taskId: string }
/** `timeoutMs`: how long to wait for its end. */
export type TaskWish = TaskName & { readonly timeoutMs: number }

/** One style of a quick create app (RunningHub: fast/creation/model/params; "Loar" is its spelling). */
export type QuickStyle = {
  readonly name: string
  readonly category: string
  readonly key: string
  readonly content: string
  readonly trigger: string
  readonly loras: readonly { readonly fileName: string; readonly weight: string }[]
}

export type RemoteAssetKind = 'Image' | 'Video' | 'Audio'

/** A file RunningHub keeps; models are given it as `asset://<id>`. */
export type RemoteAsset = {
  readonly assetId: string
  readonly status: string
  readonly kind: string
  readonly previewUrl: string
  /** The answer as it came. */
  readonly response: string
}

/** A node's own failure: a sentence for people, a `code` for programs, and what to do. */
export class NodeError extends Error {
  readonly code: string
  readonly hint?: string
  constructor(message: string, facts: { code: string; hint?: string; cause?: unknown }) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.name = 'NodeError'
    this.code = facts.code
    if (facts.hint !== undefined) this.hint = facts.hint
  }
}
