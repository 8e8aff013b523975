import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type {
  AssetAccess,
  CloudJob,
  CloudResult,
  KeyStatus,
  NodeContext,
  QuickStyle,
  TaskLook,
  TaskName,
} from '../../nodes/context.ts'
import type { NodeDefinition } from '../../nodes/define-node.ts'
import type { Asset, RunningHubSettings } from '../../nodes/values.ts'
import { createAssetStore, type RunMetadata } from '../../server/assets/index.ts'
import { noCost } from '../../server/runninghub/index.ts'
import { systemClock } from '../../server/shared/clock.ts'

export type NodeBench = {
  /** Calls a node once: inputs in, outputs out, no executor. */
  run(
    definition: NodeDefinition,
    inputs: Record<string, unknown>,
    context?: Partial<NodeContext> & { more?: Record<string, unknown> },
  ): Promise<Record<string, unknown>>
  readonly assets: AssetAccess
  readonly folders: { readonly input: string; readonly output: string; readonly temp: string }
  /** Puts a file into the input folder. */
  input(name: string, bytes: Uint8Array | string): Promise<Asset>
  /** What went to the cloud. */
  readonly jobs: CloudJob[]
  readonly uploads: { settings: RunningHubSettings; asset: Asset }[]
  /** The tasks that were asked for by their ids. */
  readonly asked: TaskName[]
}

/** A node alone on the table: real files in a folder of its own, a cloud that gives what the test says. */
export async function openNodeBench(
  options: {
    result?: CloudResult
    metadata?: RunMetadata
    look?: TaskLook
    keyStatus?: KeyStatus
    styles?: readonly QuickStyle[]
    allowDirs?: readonly string[]
  } = {},
): Promise<NodeBench> {
  const root = await mkdtemp(join(tmpdir(), 'rh-nodes-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  const folders = {
    input: root,
    output: join(root, 'output'),
    temp: join(root, 'temp'),
    results: join(root, 'results'),
  }
  const store = createAssetStore(folders, systemClock, options.allowDirs)
  const assets = store.accessFor(options.metadata)
  const jobs: CloudJob[] = []
  const uploads: NodeBench['uploads'] = []
  const asked: TaskName[] = []
  const context: NodeContext = {
    nodeId: '1',
    work: { runId: 'test', signature: undefined, call: 0, isForced: false },
    signal: new AbortController().signal,
    report() {},
    preview() {},
    reportTask() {},
    linkedType: () => undefined,
    isTaken: () => false,
    assets,
    cloud: {
      async runTask(job) {
        jobs.push(job)
        return options.result ?? nothing
      },
      async upload(settings, asset) {
        uploads.push({ settings, asset })
        return `api/${asset.sha256}`
      },
      async startTask(job) {
        jobs.push(job)
        return String(jobs.length)
      },
      async fetchTask(wanted) {
        asked.push(wanted)
        return { ...(options.result ?? nothing), taskId: wanted.taskId }
      },
      async lookAtTask(task) {
        asked.push(task)
        return options.look ?? { status: 'RUNNING', cost: noCost }
      },
      async cancelTask(task) {
        asked.push(task)
        return options.look?.status !== 'SUCCESS'
      },
      keyStatus: async () => options.keyStatus ?? fullKey,
      quickStyles: async () => options.styles ?? [],
      async uploadLora(settings, asset) {
        uploads.push({ settings, asset })
        return `api-lora-cn/${asset.sha256.slice(0, 32)}.safetensors`
      },
      async publish(settings, asset) {
        uploads.push({ settings, asset })
        return `https://cloud.test/${asset.name}`
      },
      async registerAsset(_settings, media) {
        return {
          assetId: `kept-${media.kind}`,
          status: 'ACTIVE',
          kind: media.kind,
          previewUrl: '',
          response: '{}',
        }
      },
      async findAsset(_settings, assetId) {
        const kind = assetId.replace('kept-', '')
        return {
          assetId,
          status: 'ACTIVE',
          kind,
          previewUrl: `https://cloud.test/${assetId}`,
          response: '{}',
        }
      },
      siteOf: async settings => settings.baseUrl,
    },
  }
  return {
    run: (definition, inputs, more) => definition.execute({ inputs, more: {}, ...context, ...more }),
    assets,
    folders,
    async input(name, bytes) {
      await writeFile(join(root, name), bytes)
      return assets.find(name)
    },
    jobs,
    uploads,
    asked,
  }
}

const nothing: CloudResult = { taskId: '1', files: [], texts: [], cost: noCost }
const fullKey: KeyStatus = {
  kind: 'NORMAL',
  coins: '100',
  money: null,
  currency: '',
  running: 1,
  limit: 3,
}
