import type { CloudFile, CloudResult, NodeContext } from '../context.ts'
import type { Ui } from '../define-node.ts'
import { leaveFiles } from '../runninghub/task-outputs.ts'
import { type Absent, absent } from '../values.ts'
import type { ModelOutput } from './model.ts'

/** RunningHub's pack hands on so many pictures at most; further ones are kept as files. */
const mostImages = 5
/** Longest text result that is read into memory. */
const maxTextBytes = 4 * 1024 * 1024

/** The name and type of each model node's first output. `url` and `response` follow. */
export const primaryOutputs = {
  image: ['image', 'IMAGE'],
  video: ['video', 'VIDEO'],
  audio: ['audio', 'AUDIO'],
  '3d': ['model_url', 'STRING'],
  string: ['result', 'STRING'],
} as const satisfies Readonly<Record<ModelOutput, readonly [string, string]>>

type Outputs = Readonly<Record<string, unknown>> & { readonly ui?: Ui }

/** What a model's task gave, by output. What no output carries, and what nobody takes, is left in the output folder. */
export async function modelOutputs(
  output: ModelOutput,
  result: CloudResult,
  context: Pick<NodeContext, 'isTaken' | 'assets'>,
): Promise<Outputs> {
  const [name] = primaryOutputs[output]
  const { value, carried } = await primaryOf(output, result, context)
  // An address is gone after a day: the file itself stays here.
  const isCarried = context.isTaken(name) && output !== '3d'
  const untaken = context.isTaken('files')
    ? []
    : result.files.filter(file => !isCarried || !carried.includes(file))
  const texts = context.isTaken(name) && output === 'string' ? result.texts.slice(1) : result.texts
  const files = untaken.length > 0 ? await leaveFiles(result.taskId, untaken, context) : []
  const ui = { ...(files.length > 0 && { files }), ...(texts.length > 0 && { text: texts }) }
  return {
    [name]: value,
    url: result.files.flatMap(({ url }) => url ?? []).join('\n'),
    response: result.response ?? '',
    files:
      result.files.length > 0
        ? result.files.map(({ asset }) => ({ kind: 'file', asset, taskId: result.taskId }))
        : missing('file', result),
    ...(Object.keys(ui).length > 0 && { ui }),
  }
}

type Primary = { value: unknown; carried: readonly CloudFile[] }

async function primaryOf(
  output: ModelOutput,
  result: CloudResult,
  context: Pick<NodeContext, 'assets'>,
): Promise<Primary> {
  const { files, texts } = result
  const of = (family: string) => files.filter(({ asset }) => asset.mediaType.startsWith(`${family}/`))
  if (output === 'image') {
    const images = of('image').slice(0, mostImages)
    if (images.length === 0) return { value: missing('picture', result), carried: [] }
    return { value: images.map(({ asset }) => ({ kind: 'image', asset })), carried: images }
  }
  if (output === 'video' || output === 'audio') {
    const [file] = of(output)
    if (!file) return { value: missing(output === 'video' ? 'video' : 'sound', result), carried: [] }
    return { value: { kind: output, asset: file.asset }, carried: [file] }
  }
  if (output === '3d') {
    const file = files.find(isModel3d) ?? files[0]
    return { value: file?.url ?? texts[0] ?? missing('3D model', result), carried: file ? [file] : [] }
  }
  if (texts[0] !== undefined) return { value: texts[0], carried: [] }
  const [file] = of('text')
  if (!file) return { value: files[0]?.url ?? missing('text', result), carried: files.slice(0, 1) }
  return { value: await context.assets.readText(file.asset, maxTextBytes), carried: [file] }
}

function isModel3d({ asset, type }: CloudFile): boolean {
  return asset.mediaType.startsWith('model/') || /^(glb|gltf|obj|fbx|stl|usdz|ply)$/.test(type)
}

function missing(what: string, { taskId, files }: CloudResult): Absent {
  const given = files.map(({ type }) => type || 'a file').join(', ')
  return absent(`RunningHub task ${taskId} gave no ${what}${given ? `: it gave ${given}` : ''}.`)
}
