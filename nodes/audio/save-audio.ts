import type { NodeContext, Saveable, SavedFile } from '../context.ts'
import { defineNode, dynamicCombo, oneOf, socket, string } from '../define-node.ts'
import { probeAudio } from '../media/probe.ts'
import { temporaryPrefix } from '../media/save-names.ts'
import { soundOf } from '../media/sound.ts'
import { audioAsset, stemOf } from '../media/video.ts'
import { type SoundWish, writeMedia } from '../media/write-media.ts'
import type { Audio } from '../values.ts'

const common = {
  category: 'audio',
  module: 'comfy_extras.nodes_audio',
  isOutput: true,
  outputs: { AUDIO: 'AUDIO' },
} as const

const prefix = string({ default: 'audio/ComfyUI' })
const mp3Qualities = ['V0', '128k', '320k'] as const
const opusQualities = ['64k', '96k', '128k', '192k', '320k'] as const

type Format = 'flac' | 'mp3' | 'opus'

/** Each format: how it is encoded, which container, and which stored sound already is one. */
const formats: Readonly<
  Record<
    Format,
    { encoder: SoundWish['encoder']; container: string; isOne(codec: string, type: string): boolean }
  >
> = {
  // Lossless: written anew, nothing is lost and the graph gets into the file.
  flac: { encoder: 'flac', container: 'flac', isOne: () => false },
  mp3: {
    encoder: 'libmp3lame',
    container: 'mp3',
    isOne: (codec, type) => codec === 'mp3' && type === 'audio/mpeg',
  },
  opus: {
    encoder: 'libopus',
    container: 'ogg',
    isOne: (codec, type) => codec === 'opus' && type.startsWith('audio/ogg'),
  },
}

/** `V0` is LAME's best variable rate, `128k` bits a second. */
function rateOf(quality: string): Pick<SoundWish, 'bitRate' | 'quality'> {
  return quality === 'V0' ? { quality: 0 } : { bitRate: Number.parseInt(quality, 10) * 1000 }
}

/** Saves a sound; one that is stored so already keeps its bytes, since encoding again would lose quality. */
async function save(
  audio: Audio,
  filename_prefix: string,
  format: Format,
  quality: string | undefined,
  context: NodeContext,
): Promise<{ AUDIO: Audio; ui: { audio: readonly SavedFile[] } }> {
  const { assets, signal } = context
  const { encoder, container, isOne } = formats[format]
  const { codec } = await probeAudio(audio.asset)
  const isWhole = audio.from === undefined && audio.to === undefined
  const item: Saveable =
    isWhole && isOne(codec, audio.asset.mediaType)
      ? { asset: audio.asset, extension: format }
      : {
          asset: await assets.produce(`${stemOf(audio.asset)}.${format}`, path =>
            writeMedia(path, {
              format: container,
              signal,
              tags: assets.metadata,
              sound: {
                encoder,
                ...(quality !== undefined && rateOf(quality)),
                sound: soundOf(audio, signal),
              },
            }),
          ),
          isTagged: true,
        }
  const saved = await assets.save({
    folder: 'output',
    prefix: filename_prefix,
    trailingUnderscore: false,
    items: [item],
  })
  return { AUDIO: audio, ui: { audio: saved } }
}

const saveFlac = defineNode({
  ...common,
  type: 'SaveAudio',
  displayName: 'Save Audio (FLAC)',
  inputs: { audio: socket('AUDIO'), filename_prefix: prefix },
  execute: ({ inputs, ...context }) => save(inputs.audio, inputs.filename_prefix, 'flac', undefined, context),
})

const saveMp3 = defineNode({
  ...common,
  type: 'SaveAudioMP3',
  displayName: 'Save Audio (MP3)',
  inputs: {
    audio: socket('AUDIO'),
    filename_prefix: prefix,
    quality: oneOf(mp3Qualities, { default: 'V0' }),
  },
  execute: ({ inputs, ...context }) =>
    save(inputs.audio, inputs.filename_prefix, 'mp3', inputs.quality, context),
})

const saveOpus = defineNode({
  ...common,
  type: 'SaveAudioOpus',
  displayName: 'Save Audio (Opus)',
  inputs: {
    audio: socket('AUDIO'),
    filename_prefix: prefix,
    quality: oneOf(opusQualities, { default: '128k' }),
  },
  execute: ({ inputs, ...context }) =>
    save(inputs.audio, inputs.filename_prefix, 'opus', inputs.quality, context),
})

const saveAdvanced = defineNode({
  ...common,
  type: 'SaveAudioAdvanced',
  displayName: 'Save Audio (Advanced)',
  inputs: {
    audio: socket('AUDIO'),
    filename_prefix: prefix,
    format: dynamicCombo({
      flac: {},
      mp3: { quality: oneOf(mp3Qualities, { default: 'V0', optional: true }) },
      opus: { quality: oneOf(opusQualities, { default: '128k', optional: true }) },
    }),
  },
  execute: ({ inputs: { audio, filename_prefix, format }, ...context }) => {
    const quality = format.choice === 'flac' ? undefined : format.quality
    return save(audio, filename_prefix, format.choice, quality, context)
  },
})

/** Lets a sound be heard: its own file where it has one, else FLAC, in the temp folder (ComfyUI: PreviewAudio). */
const previewAudio = defineNode({
  ...common,
  type: 'PreviewAudio',
  displayName: 'Preview Audio',
  inputs: { audio: socket('AUDIO') },
  execute: async ({ inputs, ...context }) => {
    await probeAudio(inputs.audio.asset)
    const saved = await context.assets.save({
      folder: 'temp',
      prefix: temporaryPrefix(),
      trailingUnderscore: false,
      items: [{ asset: await audioAsset(inputs.audio, context) }],
    })
    return { AUDIO: inputs.audio, ui: { audio: saved } }
  },
})

export const saveAudioNodes = [saveFlac, saveMp3, saveOpus, saveAdvanced, previewAudio]
