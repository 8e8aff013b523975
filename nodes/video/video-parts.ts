import { NodeError } from '../context.ts'
import { boolean, defineNode, float, int, socket } from '../define-node.ts'
import { framesOf } from '../media/pixels.ts'
import { probeVideo } from '../media/probe.ts'
import { makeMp4, soundIn, stemOf, videoLength } from '../media/video.ts'
import { absent } from '../values.ts'

const common = { category: 'video', module: 'comfy_extras.nodes_video' } as const

/** A video's frames, sound and rate. Frames are references: they are decoded by whoever needs their pixels (ComfyUI: GetVideoComponents). */
const getVideoComponents = defineNode({
  ...common,
  type: 'GetVideoComponents',
  displayName: 'Get Video Components',
  inputs: { video: socket('VIDEO') },
  outputs: { images: 'IMAGE', audio: 'AUDIO', fps: 'FLOAT', bit_depth: 'INT' },
  execute: async ({ inputs }) => {
    const { video } = inputs
    const { fps, bits } = await probeVideo(video.asset)
    return {
      images: await framesOf(video),
      audio: (await soundIn(video)) ?? absent(`The video "${video.asset.name}" has no sound.`),
      fps,
      bit_depth: bits > 8 ? 10 : 8,
    }
  },
})

/** Pictures and a sound as a video: MP4 with H.264 and AAC; sound longer than the pictures is cut (ComfyUI: CreateVideo). */
const createVideo = defineNode({
  ...common,
  type: 'CreateVideo',
  displayName: 'Create Video',
  inputs: {
    images: socket('IMAGE'),
    fps: float({ default: 30, min: 1, max: 120, step: 1 }),
    audio: socket('AUDIO', { optional: true }),
    bit_depth: int({ default: 8, min: 8, max: 10, step: 2, optional: true }),
  },
  outputs: { VIDEO: 'VIDEO' },
  execute: async ({ inputs, ...context }) => {
    const { images, fps, audio } = inputs
    const [first] = images
    const asset = await makeMp4(
      {
        images,
        fps,
        audio,
        bits: Number(inputs.bit_depth ?? 8) > 8 ? 10 : 8,
        name: first ? stemOf(first.asset) : 'video',
      },
      context,
    )
    return { VIDEO: { kind: 'video', asset } }
  },
})

/** A part of a video. Nothing is decoded before it is saved or taken apart (ComfyUI: Video Slice). */
const videoSlice = defineNode({
  ...common,
  type: 'Video Slice',
  displayName: 'Trim Video',
  inputs: {
    video: socket('VIDEO'),
    start_time: float({
      default: 0,
      min: -100_000,
      max: 100_000,
      step: 0.001,
      tooltip: 'Seconds; negative counts from the end.',
    }),
    duration: float({ default: 0, min: 0, step: 0.001, tooltip: 'Seconds; 0 means to the end.' }),
    strict_duration: boolean({
      default: false,
      tooltip: 'Fail when the video is too short for the duration asked for.',
    }),
  },
  outputs: { VIDEO: 'VIDEO' },
  execute: async ({ inputs }) => {
    const { video, duration, strict_duration } = inputs
    const length = await videoLength(video)
    const start = inputs.start_time < 0 ? Math.max(0, length + inputs.start_time) : inputs.start_time
    const end = duration === 0 ? length : Math.min(start + duration, length)
    const isShort = strict_duration && duration > 0 && start + duration > length + 1e-4
    if (start >= end || isShort) {
      throw new NodeError(
        `"${video.asset.name}" cannot be cut: it is ${length.toFixed(3)} seconds long, wanted are ${duration || 'all'} from ${start}.`,
        { code: 'empty-video', hint: 'Start earlier, ask for less, or switch strict_duration off.' },
      )
    }
    const zero = video.from ?? 0
    return { VIDEO: { ...video, from: zero + start, to: zero + end } }
  },
})

export const videoPartNodes = [getVideoComponents, createVideo, videoSlice]
