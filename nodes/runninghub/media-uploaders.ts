import { defineNode, fileOf, socket, string } from '../define-node.ts'
import { checkInput, contentOf, findInput } from './input-file.ts'
import { neverFromCache } from './uploads.ts'

const common = {
  category: 'RunningHub',
  module: 'custom_nodes.ComfyUI_RH_APICall',
  outputs: { filename: 'STRING' },
  ...neverFromCache,
} as const

/** Uploads a video of the input folder and gives the name a cloud node takes (ComfyUI_RH_APICall: RH_VideoUploader). */
const videoUploader = defineNode({
  ...common,
  type: 'RH_VideoUploader',
  displayName: 'RH Video Uploader',
  aliases: ['VideoUploaderNode_RH', 'RunningHub Video Uploader'],
  inputs: { apiConfig: socket('STRUCT'), video: fileOf('video') },
  uploads: () => ['video'],
  validate: { video: checkInput(false) },
  fingerprint: ({ inputs, assets }) => contentOf(inputs.video, assets),
  execute: async ({ inputs, ...context }) => ({
    filename: await context.cloud.upload(
      inputs.apiConfig,
      await findInput(inputs.video, context.assets),
      context,
    ),
  }),
})

/** The same for sound (ComfyUI_RH_APICall: RH_AudioUploader). */
const audioUploader = defineNode({
  ...common,
  type: 'RH_AudioUploader',
  displayName: 'RH Audio Uploader',
  inputs: { apiConfig: socket('STRUCT'), audio: fileOf('audio') },
  uploads: () => ['audio'],
  validate: { audio: checkInput(false) },
  fingerprint: ({ inputs, assets }) => contentOf(inputs.audio, assets),
  execute: async ({ inputs, ...context }) => ({
    filename: await context.cloud.upload(
      inputs.apiConfig,
      await findInput(inputs.audio, context.assets),
      context,
    ),
  }),
})

/** A video by its path, within the folders the user allowed (ComfyUI_RH_APICall: RH_VideoUploaderPath). */
const videoUploaderPath = defineNode({
  ...common,
  type: 'RH_VideoUploaderPath',
  displayName: 'RH Video Uploader Path',
  inputs: { apiConfig: socket('STRUCT'), video_path: string({ default: '' }) },
  uploads: () => ['video_path'],
  fingerprint: async ({ inputs, assets }) => (await assets.findPath(String(inputs.video_path ?? ''))).sha256,
  execute: async ({ inputs, ...context }) => ({
    filename: await context.cloud.upload(
      inputs.apiConfig,
      await context.assets.findPath(inputs.video_path),
      context,
    ),
  }),
})

export const mediaUploaders = [videoUploader, audioUploader, videoUploaderPath]
