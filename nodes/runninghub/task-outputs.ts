import type { CloudFile, CloudResult, NodeContext, SavedFile, TaskCost } from '../context.ts'
import { listOf } from '../define-node.ts'
import { framesOf } from '../media/pixels.ts'
import { type Absent, absent, type Image, type Video } from '../values.ts'

/**
 * What a task's results become: the ten outputs of ComfyUI_RH_APICall's ExecuteNode in its order, so that old files keep their slots,
 * and after them what it lacks. Every node that gives a task's results has these.
 */
export const taskOutputs = {
  images: 'IMAGE',
  video_frames: 'IMAGE',
  latent: 'LATENT',
  text: 'STRING',
  audio: 'AUDIO',
  video1: 'VIDEO',
  video2: 'VIDEO',
  video3: 'VIDEO',
  video4: 'VIDEO',
  video5: 'VIDEO',
  files: 'FILE',
  texts: listOf('STRING'),
  cost: 'STRING',
  task_id: 'STRING',
} as const

/** RunningHub's fileType -> what carries it. Anything else (glb, zip, json, exr, ...) is a file and nothing more. */
const kinds = {
  image: ['png', 'jpg', 'jpeg', 'webp', 'bmp', 'gif', 'tif', 'tiff', 'avif'],
  video: ['mp4', 'mov', 'webm', 'avi', 'mkv', 'm4v'],
  audio: ['wav', 'mp3', 'flac', 'ogg', 'm4a', 'aac', 'opus'],
  text: ['txt'],
  latent: ['latent'],
} as const

type Kind = keyof typeof kinds

/** Longest text result that is read into memory. */
const maxTextBytes = 4 * 1024 * 1024

/** By its content where that tells (a PNG called .mp4 is a picture), else by the cloud's word for it. */
function kindOf(file: CloudFile): Kind | undefined {
  const [family, form = ''] = file.asset.mediaType.split('/')
  if (family === 'video' || family === 'audio') return family
  if (family === 'image' && (kinds.image as readonly string[]).includes(form)) return 'image'
  return (Object.keys(kinds) as Kind[]).find(kind => (kinds[kind] as readonly string[]).includes(file.type))
}

/**
 * A task's results, sorted to the outputs in the cloud's order. A kind the task did not give is absent, with the sentence a node that
 * needs it fails with. What no other node of this run takes was paid for all the same: `untaken` files and texts are to be shown.
 */
export async function sortResults(result: CloudResult, context: Pick<NodeContext, 'isTaken' | 'assets'>) {
  const { taskId } = result
  const sorted = result.files.map(file => ({ file, kind: kindOf(file) }))
  const of = (kind: Kind) => sorted.flatMap(entry => (entry.kind === kind ? [entry.file] : []))
  const [images, videos, audios, written, latents] = [
    of('image'),
    of('video'),
    of('audio'),
    of('text'),
    of('latent'),
  ]
  const texts = await textsOf(written, result, context)
  const missing = (what: string) => absent(`RunningHub task ${taskId} gave no ${what}: ${summary(result)}.`)
  const video = (index: number): Video | Absent => {
    const file = videos[index]
    return file
      ? { kind: 'video', asset: file.asset }
      : missing(index === 0 ? 'video' : `video number ${index + 1}`)
  }
  const [audio, latent, text] = [audios[0], latents[0], texts[0]]
  const outputs = {
    images:
      images.length > 0
        ? images.map((file): Image => ({ kind: 'image', asset: file.asset }))
        : missing('image'),
    video_frames: await framesIn(videos, missing),
    latent: latent ? ({ kind: 'latent', asset: latent.asset } as const) : missing('latent'),
    text: text ?? missing('text'),
    audio: audio ? ({ kind: 'audio', asset: audio.asset } as const) : missing('audio'),
    video1: video(0),
    video2: video(1),
    video3: video(2),
    video4: video(3),
    video5: video(4),
    files:
      result.files.length > 0
        ? result.files.map(({ asset }) => ({ kind: 'file', asset, taskId }) as const)
        : missing('file'),
    texts: texts.length > 0 ? texts : missing('text'),
    cost: sayCost(result.cost),
    task_id: taskId,
  }

  const taken = new Set<CloudFile>(context.isTaken('files') ? result.files : [])
  const take = (output: string, files: readonly (CloudFile | undefined)[]) => {
    if (context.isTaken(output)) for (const file of files) if (file) taken.add(file)
  }
  take('images', images)
  if (videos.length === 1) take('video_frames', videos)
  videos.slice(0, 5).forEach((file, index) => {
    take(`video${index + 1}`, [file])
  })
  take('audio', [audio])
  take('latent', [latent])
  take('text', [written[0]])
  take('texts', written)
  const takesText = written.length === 0 && context.isTaken('text')
  return {
    outputs,
    untaken: result.files.filter(file => !taken.has(file)),
    untakenTexts: context.isTaken('texts') ? [] : result.texts.slice(takesText ? 1 : 0),
  }
}

/** The same, as a node gives it: what nobody takes is left in the output folder, texts without a file are shown. */
export async function giveResults(result: CloudResult, context: NodeContext) {
  const { outputs, untaken, untakenTexts } = await sortResults(result, context)
  const files = untaken.length > 0 ? await leaveFiles(result.taskId, untaken, context) : []
  if (files.length === 0 && untakenTexts.length === 0) return outputs
  const ui = { ...(files.length > 0 && { files }), ...(untakenTexts.length > 0 && { text: untakenTexts }) }
  return { ...outputs, ui }
}

/** Leaves files that were paid for and that no other node wants where people look for results. */
export function leaveFiles(
  taskId: string,
  files: readonly CloudFile[],
  { assets }: Pick<NodeContext, 'assets'>,
): Promise<readonly SavedFile[]> {
  return assets.save({
    folder: 'output',
    prefix: `RunningHub/task_${taskId}`,
    trailingUnderscore: false,
    items: files.map(file => ({ asset: file.asset, extension: file.type })),
  })
}

/** Texts in files first, each read whole, then those that came without one. */
async function textsOf(
  written: readonly CloudFile[],
  result: CloudResult,
  { assets }: Pick<NodeContext, 'assets'>,
): Promise<readonly string[]> {
  const read = await Promise.all(written.map(({ asset }) => assets.readText(asset, maxTextBytes)))
  return [...read, ...result.texts]
}

/** The pack's rule: frames of exactly one video. They are references; no picture is decoded until somebody needs its pixels. */
async function framesIn(
  videos: readonly CloudFile[],
  missing: (what: string) => Absent,
): Promise<readonly Image[] | Absent> {
  const [only, ...others] = videos
  if (!only) return missing('video, so there are no frames')
  if (others.length > 0) {
    return absent(
      `The task gave ${videos.length} videos, so none is taken apart into frames: give the one that is meant (video1 to video5) to Get Video Components.`,
    )
  }
  // The task is paid for: a video that cannot be read takes nothing else away.
  return framesOf({ asset: only.asset }).catch((error: unknown) =>
    absent(error instanceof Error ? error.message : String(error)),
  )
}

/** "17 coins, 83 s": what the cloud told of the price, in words; a sum of money has no currency there. */
export function sayCost({ coins, money, thirdPartyMoney, seconds }: TaskCost): string {
  const parts = [
    coins === null ? [] : `${coins} coins`,
    money === null ? [] : `${money} in money`,
    thirdPartyMoney === null ? [] : `${thirdPartyMoney} in money for third-party models`,
    seconds === null ? [] : `${seconds} s`,
  ].flat()
  return parts.length > 0 ? parts.join(', ') : 'not told'
}

/** "it gave 2 png, 1 mp4" or "it gave nothing". */
function summary(result: CloudResult): string {
  const counts = new Map<string, number>()
  for (const file of result.files) counts.set(file.type, (counts.get(file.type) ?? 0) + 1)
  if (result.texts.length > 0) counts.set('text', result.texts.length)
  const parts = [...counts].map(([type, count]) => `${count} ${type}`)
  return parts.length > 0 ? `it gave ${parts.join(', ')}` : 'it gave nothing'
}
