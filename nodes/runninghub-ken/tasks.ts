import type { CloudFile, CloudResult, NodeContext, SavedFile } from '../context.ts'
import { boolean, defineNode, int, oneOf, socket, string } from '../define-node.ts'
import { anew, controlTask } from '../runninghub/ask-the-cloud.ts'
import { sortResults } from '../runninghub/task-outputs.ts'
import { isAbsent, type RunningHubConfig } from '../values.ts'
import { pack } from './common.ts'
import { joinResults } from './join-results.ts'

const results = {
  images: 'IMAGE',
  video_frames: 'IMAGE',
  text: 'STRING',
  audio: 'AUDIO',
  video: 'VIDEO',
  latent: 'LATENT',
} as const

const timeout = int({ default: 600, min: 60, max: 3600 }, { inert: true })
const saving = {
  save_to_local: boolean({ default: true, optional: true, tooltip: 'Off: shown, not kept.' }),
  output_prefix: (prefix: string) => string({ default: prefix, optional: true }),
}

/** Runs a cloud workflow or an AI app (ComfyUI_RH_API: RH_Execute). */
const execute = defineNode({
  ...pack,
  type: 'RH_Execute',
  displayName: '▶️ RH Execute',
  isOutput: true,
  inputs: {
    config: socket('RH_CONFIG'),
    timeout,
    params: socket('RH_PARAMS', { optional: true }, { acceptsLinks: ['RH_PARAM'] }),
    use_high_performance: boolean({ optional: true }),
    save_to_local: saving.save_to_local,
    output_prefix: saving.output_prefix('RH'),
  },
  outputs: { ...results, task_id: 'STRING' },
  migrateWidgets: values => readValues(values, 'RH', false),
  execute: async ({ inputs, ...context }) => {
    const { settings, isApp } = inputs.config
    const result = await context.cloud.runTask(
      {
        settings,
        kind: isApp ? 'app' : 'workflow',
        nodeInfoList: inputs.params ?? [],
        ...(inputs.use_high_performance && { instanceType: 'plus' as const }),
        timeoutMs: Number(inputs.timeout) * 1000,
        concurrency: 1,
      },
      context,
    )
    const files = await save(result.files, inputs.save_to_local, inputs.output_prefix ?? 'RH', context)
    const { outputs } = await sortResults(result, context)
    return { ...pick(outputs), task_id: result.taskId, ui: show(files, result.texts) }
  },
})

/** How many tasks are fetched side by side (ComfyUI_RH_API: RH_Download). */
const sideBySide = 10

/** Fetches tasks by their ids, several at once, in the order of the ids. Creates nothing. */
const download = defineNode({
  ...pack,
  type: 'RH_Download',
  displayName: '📥 RH Download Results',
  isOutput: true,
  inputs: {
    config: socket('RH_CONFIG'),
    task_id: string(),
    timeout,
    save_to_local: saving.save_to_local,
    output_prefix: saving.output_prefix('RH_DL'),
  },
  outputs: results,
  migrateWidgets: values =>
    typeof values[0] === 'number' ? ['', ...readValues(values, 'RH_DL', true)] : values,
  execute: async ({ inputs, ...context }) => {
    const ids = inputs.task_id.split(/[\s,]+/).filter(id => id !== '')
    const { settings } = inputs.config
    const fetched = await fetchAll(ids.length > 0 ? ids : [''], taskId =>
      context.cloud.fetchTask({ settings, taskId, timeoutMs: Number(inputs.timeout) * 1000 }, context),
    )
    const { result, failures } = joinResults(ids, fetched)
    const files = await save(result.files, inputs.save_to_local, inputs.output_prefix ?? 'RH_DL', context)
    const { outputs } = await sortResults(result, context)
    const texts = isAbsent(outputs.texts) ? [] : outputs.texts
    const text = [...texts, ...failures].join('\n')
    const isText = texts.length + failures.length > 0
    return {
      ...pick(outputs),
      ...(isText && { text }),
      ui: show(files, [...result.texts, ...failures]),
    }
  },
})

/** At most ten at a time; every one is waited for. */
async function fetchAll(
  ids: readonly string[],
  fetchOne: (taskId: string) => Promise<CloudResult>,
): Promise<readonly PromiseSettledResult<CloudResult>[]> {
  const all: PromiseSettledResult<CloudResult>[] = []
  for (let at = 0; at < ids.length; at += sideBySide) {
    all.push(...(await Promise.allSettled(ids.slice(at, at + sideBySide).map(fetchOne))))
  }
  return all
}

/** Starts a task for each set of params and leaves them to run (ComfyUI_RH_API: RH_BatchExecute). */
const batchExecute = defineNode({
  ...pack,
  type: 'RH_BatchExecute',
  displayName: '⏯️ RH Batch Execute',
  inputs: {
    config: socket('RH_CONFIG'),
    workflow_id: string({ default: '', tooltip: 'Empty: the one of RH Config.' }),
    param_bundle: socket('RH_PARAM_BUNDLE'),
  },
  outputs: { task_ids: 'STRING' },
  formerInputs: { bundle: 'param_bundle' },
  // A timeout that is no more: no id is that short.
  migrateWidgets: ([first, ...rest]) => [/^\d{1,5}$/.test(String(first)) ? '' : first, ...rest],
  execute: async ({ inputs, ...context }) => {
    const ids: string[] = []
    const { config, param_bundle: bundle } = inputs
    for (const [part, nodeInfoList] of bundle.entries()) {
      context.report({ phase: 'working', label: 'starting tasks', done: part, of: bundle.length })
      const job = { ...batchJob(config, inputs.workflow_id.trim()), nodeInfoList, part }
      ids.push(await context.cloud.startTask(job, context))
    }
    return { task_ids: ids.join(',') }
  },
})

function batchJob({ settings, isApp }: RunningHubConfig, workflowId: string) {
  const terms = { timeoutMs: 3_600_000, concurrency: 1 }
  return workflowId === ''
    ? { ...terms, settings, kind: isApp ? ('app' as const) : ('workflow' as const) }
    : { ...terms, settings: { ...settings, targetId: workflowId }, kind: 'workflow' as const }
}

/** ComfyUI_RH_API: RH_TaskManager. */
const taskManager = defineNode({
  ...pack,
  type: 'RH_TaskManager',
  displayName: '🛠️ RH Task Manager',
  isOutput: true,
  inputs: {
    config: socket('RH_CONFIG'),
    task_id: string({ default: '' }),
    action: oneOf(['Get Status', 'Cancel Task']),
  },
  outputs: { result: 'STRING' },
  fingerprint: anew,
  cacheForMs: 0,
  execute: async ({ inputs, ...context }) => {
    const task = { settings: inputs.config.settings, taskId: inputs.task_id.trim() }
    const action = inputs.action === 'Cancel Task' ? 'cancel' : 'status'
    const { report } = await controlTask(task, action, context)
    return { result: report, ui: { text: [report] } }
  },
})

export const taskNodes = [execute, download, batchExecute, taskManager]

/** Everything a task gave, in the cloud's order: kept under the prefix, or shown for as long as temp files last. */
function save(
  files: readonly CloudFile[],
  isKept: boolean | undefined,
  prefix: string,
  { assets }: Pick<NodeContext, 'assets'>,
): Promise<readonly SavedFile[]> {
  return assets.save({
    folder: (isKept ?? true) ? 'output' : 'temp',
    prefix: prefix.trim() || 'RH',
    trailingUnderscore: false,
    items: files.map(({ asset, type }) => ({ asset, extension: type })),
  })
}

function show(files: readonly SavedFile[], texts: readonly string[]) {
  return { ...(files.length > 0 && { files }), ...(texts.length > 0 && { text: texts }) }
}

function pick(outputs: Awaited<ReturnType<typeof sortResults>>['outputs']) {
  const { images, video_frames, text, audio, video1: video, latent } = outputs
  return { images, video_frames, text, audio, video, latent }
}

/**
 * Values that slipped by a place when a widget became a socket: `[true, "Inpainting", true, "RH"]`, `[600, true, "DL", "RH_DL"]`,
 * `[600, 600, ...]`. A bigger machine costs more and is never guessed.
 */
function readValues(values: readonly unknown[], prefix: string, isDownload: boolean): readonly unknown[] {
  const isToday =
    typeof values[0] === 'number' && typeof values[1] === 'boolean' && typeof values[2] === 'boolean'
  if (!isDownload && (isToday || values.length < 2)) return values
  const seconds = typeof values[0] === 'number' ? values[0] : 600
  const words = values.filter(value => typeof value === 'string')
  const saves = isDownload ? values[1] !== false : true
  return [seconds, ...(isDownload ? [] : [false]), saves, words[0] ?? prefix]
}
