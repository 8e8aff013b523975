import { type NodeContext, NodeError } from '../context.ts'
import {
  boolean,
  defineNode,
  type ForetoldTask,
  type Input,
  int,
  notYetKnown,
  socket,
  string,
} from '../define-node.ts'
import type { Asset, Image, NodeInfo, RunningHubSettings } from '../values.ts'
import { findInput } from './input-file.ts'
import { giveResults, taskOutputs } from './task-outputs.ts'
import { uploadPicture } from './uploads.ts'

/**
 * One node for a whole cloud workflow or AI app: an input for each field that was chosen, called `<nodeId>.<fieldName>`. `fields` says
 * what each is (kind, label, bounds), so that a file stands for itself; media are uploaded on the way.
 */
function cloudNode(kind: 'workflow' | 'app', type: string, displayName: string, description: string) {
  return defineNode({
    type,
    displayName,
    category: 'RunningHub',
    description,
    isOutput: true,
    inputs: {
      target: string({ default: '', tooltip: 'The long number in the address of its page.' }),
      // Written by the editor and by `rh-bridge cloud`; JSON, a list of fields.
      fields: string({ default: '[]' }),
      apiConfig: socket('STRUCT', { optional: true }),
      run_timeout: int({ default: 600, min: 1, max: 9999999, optional: true }, { inert: true }),
      concurrency_limit: int({ default: 1, min: 1, max: 100, optional: true }, { inert: true }),
      use_rtx4090_48g: boolean({ default: false, optional: true }),
    },
    outputs: taskOutputs,
    moreInputs: name => (fieldName.test(name) ? anything : undefined),
    validate: {
      target: async value =>
        /^\s*\d+\s*$/.test(String(value))
          ? undefined
          : {
              message: 'No workflow or app is named',
              hint: 'Paste its link, or write its id: the long number in the address of its page.',
            },
    },
    // What a result depends on besides the inputs: the place, as settings tell it elsewhere, and the content of named files.
    fingerprint: async ({ inputs, assets, cloud }) => {
      const site = await cloud.siteOf(settingsFor(undefined, String(inputs.target ?? '')))
      const chosen = readFields(inputs.fields)
      const files = Object.entries(inputs).filter(([name, value]) => isLocalFile(value, chosen.get(name)))
      const contents = await Promise.all(
        files.map(async ([, value]) => (await findInput(String(value), assets)).sha256),
      )
      return [site, ...contents].join(' ')
    },
    uploads: given => {
      const chosen = readFields(given.fields)
      return Object.keys(given).filter(
        name =>
          fieldName.test(name) && (given[name] === notYetKnown || isLocalFile(given[name], chosen.get(name))),
      )
    },
    foretell: ({ inputs, more }): ForetoldTask => ({
      kind,
      settings: settingsFor(inputs.apiConfig, inputs.target),
      nodeInfoList: Object.entries(more).map(([name, value]) => {
        const isUpload = isMedium(readFields(inputs.fields).get(name)) && value !== ''
        return { ...addressOf(name), fieldValue: isUpload ? notYetKnown : value }
      }),
    }),
    execute: async ({ inputs, more, ...context }) => {
      const settings = settingsFor(inputs.apiConfig, inputs.target)
      const chosen = readFields(inputs.fields)
      const nodeInfoList: NodeInfo[] = []
      const linked: string[] = []
      for (const [name, value] of Object.entries(more)) {
        const sent = await sentValue(name, value, chosen.get(name), settings, context)
        if (sent === undefined) continue
        nodeInfoList.push({ ...addressOf(name), fieldValue: sent })
        if (isLocalFile(value, chosen.get(name)) && context.linkedType(name) !== undefined) linked.push(sent)
      }
      const result = await context.cloud.runTask(
        {
          settings,
          kind,
          nodeInfoList,
          ...(inputs.use_rtx4090_48g && { instanceType: 'plus' as const }),
          timeoutMs: Number(inputs.run_timeout ?? 600) * 1000,
          concurrency: Number(inputs.concurrency_limit ?? 1),
        },
        linked.length > 0 ? { ...context, work: workWith(linked, context.work) } : context,
      )
      const given = await giveResults(result, context)
      return linked.length > 0 ? { ...given, isKept: false } : given
    },
  })
}

/** Of files whose names came along links the fingerprint knew nothing: what they were uploaded as, which their content decides, tells the work. */
function workWith(uploads: readonly string[], work: NodeContext['work']): NodeContext['work'] {
  const { signature } = work
  return signature === undefined ? work : { ...work, signature: [signature, ...uploads].join(' ') }
}

export const cloudNodes = [
  cloudNode(
    'workflow',
    'RHB_CloudWorkflow',
    'Cloud Workflow',
    'Runs a workflow of RunningHub; its fields are inputs here.',
  ),
  cloudNode('app', 'RHB_CloudApp', 'AI App', 'Runs an AI app of RunningHub; its fields are inputs here.'),
]

/** `57:8.text`: a node of the cloud graph and one of its fields. */
const fieldName = /^\d+(:\d+)*\../
const anything: Input<unknown> = {
  spec: '*',
  options: {},
  optional: true,
  widget: true,
  secret: false,
  inert: false,
  acceptsLinks: [],
}

function addressOf(name: string): Pick<NodeInfo, 'nodeId' | 'fieldName'> {
  const dot = name.indexOf('.')
  return { nodeId: name.slice(0, dot), fieldName: name.slice(dot + 1) }
}

/** Without RH Settings: the key and site that hold everywhere. */
function settingsFor(given: RunningHubSettings | undefined, target: string): RunningHubSettings {
  return { baseUrl: given?.baseUrl ?? '', apiKey: given?.apiKey ?? '', targetId: target.trim() }
}

type Chosen = { readonly kind: string; readonly saved: unknown }

/** The chosen fields by their inputs' names; a text that is no list says nothing. */
function readFields(fields: unknown): ReadonlyMap<string, Chosen> {
  const chosen = new Map<string, Chosen>()
  try {
    for (const field of JSON.parse(String(fields ?? '[]'))) {
      chosen.set(`${field.nodeId}.${field.fieldName}`, { kind: String(field.kind), saved: field.value })
    }
  } catch {
    // Written by hand: values go as they are, media come along links.
  }
  return chosen
}

const media: ReadonlySet<string | undefined> = new Set(['image', 'audio', 'video', 'file'])
const isMedium = (chosen: Chosen | undefined) => media.has(chosen?.kind)

/** Whether a value names a file of the input folder: not what is saved on the site, nor what an upload or a page is called. */
function isLocalFile(value: unknown, chosen: Chosen | undefined): boolean {
  if (!isMedium(chosen) || typeof value !== 'string' || value.trim() === '' || value === chosen?.saved)
    return false
  return !/^(https?:|data:|asset:|api\/|openapi\/|api-lora|pasted\/|clipspace\/|[0-9a-f]{64}(\.\w+)?$)/i.test(
    value.trim(),
  )
}

/** A value as nodeInfoList carries it: text. Media are uploaded first; nothing is sent for an empty one. */
async function sentValue(
  name: string,
  value: unknown,
  chosen: Chosen | undefined,
  settings: RunningHubSettings,
  context: NodeContext,
): Promise<string | undefined> {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'object') return uploadValue(name, value, settings, context)
  const text = String(value)
  if (isMedium(chosen) && text.trim() === '') return undefined
  if (!isLocalFile(value, chosen)) return text
  return context.cloud.upload(settings, await findInput(text, context.assets), context)
}

async function uploadValue(
  name: string,
  value: object,
  settings: RunningHubSettings,
  context: NodeContext,
): Promise<string> {
  const [first] = Array.isArray(value) ? (value as readonly unknown[]) : [value]
  const item = first as { kind?: string; asset?: Asset } | undefined
  if (item?.kind === 'image') return uploadPicture(settings, value as readonly Image[], context)
  if (item?.asset) return context.cloud.upload(settings, item.asset, context)
  throw new NodeError(`"${name}" takes a text, a number, a picture, a video, sound or a file.`, {
    code: 'bad-field-value',
    hint: 'Connect something else to it.',
  })
}
