import type { CloudFile, CloudResult, NodeContext } from '../context.ts'
import { type Absent, type Audio, absent, type Image, type Latent, type Video } from '../values.ts'

/** Which output of RH_ExecuteNode carries a result file, by RunningHub's fileType. Anything else is kept as a file. */
const kinds = {
  image: ['png', 'jpg', 'jpeg', 'webp', 'bmp', 'gif'],
  video: ['mp4', 'mov', 'webm', 'avi', 'mkv'],
  audio: ['wav', 'mp3', 'flac', 'ogg', 'm4a', 'aac', 'opus'],
  text: ['txt'],
  latent: ['latent'],
} as const

type Kind = keyof typeof kinds

/** Longest text result that is read into memory. */
const maxTextBytes = 4 * 1024 * 1024

type Outputs = {
  images: readonly Image[] | Absent
  video_frames: readonly Image[] | Absent
  latent: Latent | Absent
  text: string | Absent
  audio: Audio | Absent
  video1: Video | Absent
  video2: Video | Absent
  video3: Video | Absent
  video4: Video | Absent
  video5: Video | Absent
}

/**
 * A task's files, sorted to the outputs of RH_ExecuteNode in the cloud's order. A kind the task did not give is absent, with
 * the sentence a node that needs it fails with. `untaken` and `untakenTexts` are what no other node of this run takes.
 */
export async function sortResults(
  result: CloudResult,
  context: Pick<NodeContext, 'isTaken' | 'assets'>,
): Promise<{ outputs: Outputs; untaken: readonly CloudFile[]; untakenTexts: readonly string[] }> {
  const of = (kind: Kind) =>
    result.files.filter(file => (kinds[kind] as readonly string[]).includes(file.type))
  const [images, videos, audios, texts, latents] = [
    of('image'),
    of('video'),
    of('audio'),
    of('text'),
    of('latent'),
  ]
  const missing = (what: string) =>
    absent(`RunningHub task ${result.taskId} gave no ${what}: ${summary(result)}.`)
  const video = (index: number): Video | Absent => {
    const file = videos[index]
    return file
      ? { kind: 'video', asset: file.asset }
      : missing(index === 0 ? 'video' : `video number ${index + 1}`)
  }

  const [firstText, firstAudio, firstLatent] = [texts[0], audios[0], latents[0]]
  const text = firstText ? await context.assets.readText(firstText.asset, maxTextBytes) : result.texts[0]
  const outputs: Outputs = {
    images:
      images.length > 0
        ? images.map((file): Image => ({ kind: 'image', asset: file.asset }))
        : missing('image'),
    video_frames: absent(
      'Splitting a video into frames is not available yet: take the video from the output video1.',
    ),
    latent: firstLatent ? { kind: 'latent', asset: firstLatent.asset } : missing('latent'),
    text: text ?? missing('text'),
    audio: firstAudio ? { kind: 'audio', asset: firstAudio.asset } : missing('audio'),
    video1: video(0),
    video2: video(1),
    video3: video(2),
    video4: video(3),
    video5: video(4),
  }

  const taken = new Set<CloudFile>()
  if (context.isTaken('images')) for (const file of images) taken.add(file)
  videos.slice(0, 5).forEach((file, index) => {
    if (context.isTaken(`video${index + 1}`)) taken.add(file)
  })
  if (firstText && context.isTaken('text')) taken.add(firstText)
  if (firstAudio && context.isTaken('audio')) taken.add(firstAudio)
  if (firstLatent && context.isTaken('latent')) taken.add(firstLatent)
  const textTaken = !firstText && context.isTaken('text')
  return {
    outputs,
    untaken: result.files.filter(file => !taken.has(file)),
    untakenTexts: result.texts.slice(textTaken ? 1 : 0),
  }
}

/** "it gave 2 png, 1 mp4" or "it gave nothing". */
function summary(result: CloudResult): string {
  const counts = new Map<string, number>()
  for (const file of result.files) counts.set(file.type, (counts.get(file.type) ?? 0) + 1)
  if (result.texts.length > 0) counts.set('text', result.texts.length)
  const parts = [...counts].map(([type, count]) => `${count} ${type}`)
  return parts.length > 0 ? `it gave ${parts.join(', ')}` : 'it gave nothing'
}
