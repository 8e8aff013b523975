import type { NodeContext, Saveable } from '../context.ts'
import { defineNode, float, oneOf, socket, string } from '../define-node.ts'
import { batchPixels, framesOf, sizeOf } from '../media/pixels.ts'
import { probeVideo } from '../media/probe.ts'
import { makeMp4, soundIn, stemOf, videoAsset } from '../media/video.ts'
import { writeMedia } from '../media/write-media.ts'
import type { Video } from '../values.ts'

const common = { category: 'video', module: 'comfy_extras.nodes_video', isOutput: true } as const

/** Saves a video as MP4. One that is an MP4 already, and H.264 when that is asked for, keeps its streams (ComfyUI: SaveVideo). */
const saveVideo = defineNode({
  ...common,
  type: 'SaveVideo',
  displayName: 'Save Video',
  inputs: {
    video: socket('VIDEO'),
    filename_prefix: string({ default: 'video/ComfyUI' }),
    format: oneOf(['auto', 'mp4'], { default: 'auto' }),
    codec: oneOf(['auto', 'h264'], { default: 'auto' }),
  },
  outputs: { VIDEO: 'VIDEO' },
  execute: async ({ inputs, ...context }) => {
    const { video, codec, filename_prefix } = inputs
    const { width, height } = await probeVideo(video.asset)
    const images = await context.assets.save({
      folder: 'output',
      prefix: filename_prefix,
      trailingUnderscore: true,
      items: [await asMp4(video, codec, context)],
      width,
      height,
    })
    return { VIDEO: video, ui: { images, animated: [true] } }
  },
})

async function asMp4(video: Video, codec: 'auto' | 'h264', context: NodeContext): Promise<Saveable> {
  const facts = await probeVideo(video.asset)
  const isMp4 = /^video\/(mp4|x-m4v)$/.test(video.asset.mediaType)
  if (isMp4 && (codec === 'auto' || facts.codec === 'avc'))
    return { asset: await videoAsset(video, context), extension: 'mp4' }
  const asset = await makeMp4(
    {
      images: await framesOf(video),
      fps: facts.fps,
      audio: await soundIn(video),
      bits: facts.bits > 8 ? 10 : 8,
      name: stemOf(video.asset),
    },
    context,
  )
  return { asset, extension: 'mp4' }
}

/** Saves pictures as WebM (ComfyUI: SaveWEBM). */
const saveWebm = defineNode({
  ...common,
  type: 'SaveWEBM',
  displayName: 'Save WEBM',
  inputs: {
    images: socket('IMAGE'),
    filename_prefix: string({ default: 'ComfyUI' }),
    codec: oneOf(['vp9', 'av1']),
    fps: float({ default: 24, min: 0.01, max: 1000, step: 0.01 }),
    crf: float({
      default: 32,
      min: 0,
      max: 63,
      step: 1,
      tooltip: 'Higher crf means lower quality with a smaller file size, lower crf means higher quality.',
    }),
  },
  outputs: { IMAGE: 'IMAGE' },
  execute: async ({ inputs, assets, signal, report }) => {
    const { images, codec, fps, crf } = inputs
    const [first] = images
    const size = first && (await sizeOf(first))
    const asset = await assets.produce('video.webm', path =>
      writeMedia(path, {
        format: 'webm',
        signal,
        tags: assets.metadata,
        pictures: {
          ...(codec === 'vp9'
            ? {
                encoder: 'libvpx-vp9',
                pixelFormat: 'yuv420p',
                options: { crf: Math.round(crf), 'row-mt': 1 },
              }
            : {
                encoder: 'libsvtav1',
                pixelFormat: 'yuv420p10le',
                options: { crf: Math.round(crf), preset: 6 },
              }),
          fps,
          frames: batchPixels(images, signal),
          onFrame: done => report({ phase: 'working', done, of: images.length }),
        },
      }),
    )
    const saved = await assets.save({
      folder: 'output',
      prefix: inputs.filename_prefix,
      trailingUnderscore: true,
      items: [{ asset, extension: 'webm', isTagged: true }],
      ...size,
    })
    return { IMAGE: images, ui: { images: saved, animated: [true] } }
  },
})

export const saveVideoNodes = [saveVideo, saveWebm]
