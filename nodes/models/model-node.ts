import { type NodeContext, NodeError } from '../context.ts'
import { defineNode, type NodeDefinition, notYetKnown } from '../define-node.ts'
import { absent, type RunningHubSettings } from '../values.ts'
import { addressFor } from './addresses.ts'
import { chosenSlots, keptAddress, readAssetIds, withAssets } from './asset-ids.ts'
import { type ModelBody, modelBody } from './body.ts'
import { type ModelInputs, modelInputs } from './inputs.ts'
import type { Model } from './model.ts'
import { modelOutputs, primaryOutputs } from './results.ts'
import { noSettings } from './settings.ts'
import { modelAliases, modelWords } from './words.ts'

/** As long as RunningHub's own pack waits for a model. */
const timeoutMs = 1800_000
/** Where the site does not say how many tasks a key may run; one too many is only refused. */
const concurrency = 3

/** The node of a standard model, by its registry entry (RunningHub: how an entry becomes a node). */
export function modelNode(model: Model): NodeDefinition {
  const shape = modelInputs(model)
  const [primary, type] = primaryOutputs[model.output]
  return defineNode({
    type: model.type,
    displayName: model.displayName,
    category: model.category,
    description: `RunningHub standard model ${model.endpoint}`,
    module: 'custom_nodes.ComfyUI_RH_OpenAPI',
    aliases: modelAliases(model),
    words: modelWords(model),
    inputs: shape.inputs,
    // All files stand behind the pack's own outputs, so that old files keep their slots.
    outputs: { [primary]: type, url: 'STRING', response: 'STRING', files: 'FILE' },
    // Connected settings say themselves where they lead.
    fingerprint: async ({ isLinked, cloud }) =>
      `${model.endpoint} ${isLinked('api_config') ? '' : await cloud.siteOf(noSettings)}`,
    foretell: ({ inputs }) => ({
      kind: 'model',
      settings: (inputs.api_config as RunningHubSettings | undefined) ?? noSettings,
      endpoint: model.endpoint,
      body: foretoldBody(shape, inputs),
    }),
    uploads: () => shape.media.map(({ name }) => name),
    // The names of its outputs are data: it is typed as every node is from outside.
    execute: execute as never,
  })

  async function execute(call: Call): Promise<Given> {
    const { inputs, ...context } = call
    try {
      const settings = (inputs.api_config as RunningHubSettings | undefined) ?? noSettings
      refuseEmpty(shape, inputs)
      const body = await bodyOf(model, shape, inputs, settings, context)
      const what = { kind: 'model', endpoint: model.endpoint, body } as const
      const result = await context.cloud.runTask({ ...what, settings, timeoutMs, concurrency }, context)
      if (result.files.length === 0 && result.texts.length === 0) throw gaveNothing(result.taskId)
      return await modelOutputs(model.output, result, context)
    } catch (error) {
      if (inputs.skip_error !== true || context.signal.aborted || mustBeTold(error)) throw error
      return skipped(primary, error)
    }
  }
}

type Call = Parameters<NodeDefinition['execute']>[0]
type Given = Awaited<ReturnType<NodeDefinition['execute']>>

/** The cloud would refuse it too, after the uploads. */
function refuseEmpty({ widgets }: ModelInputs, inputs: Readonly<Record<string, unknown>>): void {
  for (const { key, kind, required } of widgets) {
    if (!required || kind !== 'STRING' || String(inputs[key] ?? '').trim() !== '') continue
    throw new NodeError(`"${key}" is empty.`, { code: 'input-empty', hint: `Write something into "${key}".` })
  }
}

async function bodyOf(
  model: Model,
  shape: ModelInputs,
  inputs: Readonly<Record<string, unknown>>,
  settings: RunningHubSettings,
  context: NodeContext,
): Promise<ModelBody> {
  const converted =
    inputs.real_person_mode === true
      ? chosenSlots(String(inputs.conversion_slots ?? 'all'), model.realPersonSlots)
      : new Set<string>()
  const found = await Promise.all(
    shape.media.map(async input => {
      const url = await addressFor(inputs[input.name], input, settings, context)
      const kind = input.param.kind === 'IMAGE' ? 'Image' : 'Video'
      const isConverted = converted.has(input.name) && input.param.kind !== 'AUDIO' && url?.startsWith('http')
      if (!isConverted || url === undefined) return [input.name, url] as const
      // As the pack does: what cannot be kept is sent as it is.
      const kept = await keptAddress(url, kind, settings, context).catch(() => {
        context.signal.throwIfAborted()
        return url
      })
      return [input.name, kept] as const
    }),
  )
  const addresses = new Map(found.flatMap(([name, url]) => (url === undefined ? [] : [[name, url] as const])))
  const body = modelBody(shape, inputs, addresses)
  if (!model.assetIds) return body
  return withAssets(body, model.assetIds, readAssetIds(String(inputs.asset_ids ?? '')), settings, context)
}

/** Stands for a file that is uploaded only in a run: its price is asked for before. */
const someFile = 'https://www.runninghub.cn/price-preview'

/** What will be sent, as far as its price may depend on it: values, and that there are media. */
function foretoldBody(shape: ModelInputs, inputs: Readonly<Record<string, unknown>>): ModelBody | undefined {
  const isOpen = shape.widgets.some(({ key }) => (inputs[key] as unknown) === notYetKnown)
  const hasAssets = inputs.asset_ids !== undefined && inputs.asset_ids !== ''
  if (isOpen || hasAssets) return undefined
  const given = shape.media.filter(({ name }) => inputs[name] !== undefined && inputs[name] !== '')
  const addressOf = (value: unknown) => (typeof value === 'string' ? value.trim() : someFile)
  return modelBody(shape, inputs, new Map(given.map(({ name }) => [name, addressOf(inputs[name])])))
}

function gaveNothing(taskId: string): NodeError {
  return new NodeError(`RunningHub task ${taskId} ended well, but gave nothing.`, {
    code: 'model-empty',
    hint: 'See its record page on RunningHub. Another seed or another input makes it anew.',
  })
}

/** Failures behind which a paid result may wait: skipping them would hide it. */
const open =
  /^(cloud-create-unknown|cloud-run-timeout|cloud-lost-sight|cloud-no-end|download-failed|result-|disk)/

function mustBeTold(error: unknown): boolean {
  const { code, name } = error as { code?: unknown; name?: unknown }
  return (
    name === 'InterruptedError' || name === 'HandOverError' || (typeof code === 'string' && open.test(code))
  )
}

/** `skip_error`: the run goes on; what needs the result says why there is none. Never kept for another run. */
function skipped(primary: string, error: unknown): Given {
  const message = error instanceof Error ? error.message : String(error)
  const { code, taskId } = error as { code?: string; taskId?: string }
  const response = JSON.stringify({ error: message, ...(code && { code }), ...(taskId && { taskId }) })
  const reason = `skip_error: ${message}`
  const gone = absent(reason)
  return { ...{ [primary]: gone }, url: '', response, files: gone, ui: { text: [reason] }, isKept: false }
}
