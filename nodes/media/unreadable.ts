import { NodeError } from '../context.ts'
import type { Asset } from '../values.ts'
import { foreignContainer } from './foreign.ts'

const words = {
  picture: { noun: 'a picture', code: 'image-unreadable' },
  video: { noun: 'a video', code: 'video-unreadable' },
  audio: { noun: 'audio', code: 'audio-unreadable' },
} as const

/** The one sentence about a file that cannot be read as what it should be. A NodeError and an abort stay what they are. */
export function unreadable(asset: Asset, as: keyof typeof words, cause?: unknown, why?: string): Error {
  if (cause instanceof NodeError || (cause instanceof Error && cause.name === 'AbortError')) return cause
  const { noun, code } = words[as]
  const container = as === 'picture' ? undefined : foreignContainer(asset.mediaType)
  const what = container ? `${container} files cannot be opened here` : (why ?? reason(asset, as, cause))
  return new NodeError(`"${asset.name}" cannot be read as ${noun}: ${what}`, {
    code,
    hint: container
      ? convert(asset, as)
      : 'Open it in a viewer or player; if it does not open there either, choose another file.',
    cause,
  })
}

function convert({ name }: Asset, as: keyof typeof words): string {
  const to = `${name.replace(/\.[^./]+$/, '')}.${as === 'audio' ? 'wav' : 'mp4'}`
  const form = as === 'audio' ? 'WAV or MP3' : 'MP4'
  return `Convert it to ${form}, with any converter or: ffmpeg -i "${name}" "${to}"`
}

function reason(asset: Asset, as: keyof typeof words, cause: unknown): string {
  if (asset.sizeBytes === 0) return 'the file is empty'
  if (cause instanceof Error && /exceeds pixel limit/.test(cause.message)) {
    return 'it has more than 268 million pixels'
  }
  const [family] = asset.mediaType.split('/')
  const wanted = as === 'picture' ? ['image'] : as === 'video' ? ['video', 'image'] : ['audio', 'video']
  const isOther = family !== undefined && ['image', 'video', 'audio', 'text', 'application'].includes(family)
  if (isOther && !wanted.includes(family) && asset.mediaType !== 'application/octet-stream') {
    return `its content is ${asset.mediaType}`
  }
  if (as === 'picture') return 'the file is damaged or no picture'
  return as === 'video' ? 'the file is damaged or no video' : 'the file is damaged or holds no sound'
}
