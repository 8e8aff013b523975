import { NodeError } from '../context.ts'
import { defineNode, fileOf, listOf, socket } from '../define-node.ts'
import { audioAsset, videoAsset } from '../media/video.ts'
import type { Asset } from '../values.ts'
import { checkInput, contentOf, findInput, onceIfLinked } from './input-file.ts'
import { neverFromCache } from './uploads.ts'

const common = { category: 'RunningHub', ...neverFromCache } as const

/**
 * Uploads files of any kind: a chosen one, what other nodes made, and those a task gave, in this order. A ZIP is for loaders that take
 * ZIPs of pictures.
 */
const fileUploader = defineNode({
  ...common,
  type: 'RHB_FileUploader',
  displayName: 'RH File Uploader',
  description:
    'Uploads a ZIP or any other file, a video, a sound or a latent, and gives the names cloud nodes take.',
  inputs: {
    apiConfig: socket('STRUCT'),
    file: fileOf('any', { optional: true }),
    video: socket('VIDEO', { optional: true }),
    audio: socket('AUDIO', { optional: true }),
    latent: socket('LATENT', { optional: true }),
    files: socket('FILE', { optional: true }),
  },
  outputs: { filename: 'STRING', filenames: listOf('STRING') },
  uploads: () => ['file', 'video', 'audio'],
  validate: { file: checkInput(true) },
  fingerprint: ({ inputs, assets }) => contentOf(inputs.file ?? '', assets),
  execute: async ({ inputs, ...context }) => {
    const { file, video, audio, latent, files = [] } = inputs
    const all: Asset[] = []
    if (file?.trim()) all.push(await findInput(file, context.assets))
    if (video) all.push(await videoAsset(video, context))
    if (audio) all.push(await audioAsset(audio, context))
    if (latent) all.push(latent.asset)
    all.push(...files.map(({ asset }) => asset))
    const names: string[] = []
    for (const asset of all) names.push(await context.cloud.upload(inputs.apiConfig, asset, context))
    const [first] = names
    if (first === undefined) throw nothingChosen()
    return { filename: first, filenames: names, ...onceIfLinked('file', context) }
  },
})

/** Uploads a LoRA of any size; the name is for the LoRA field of RHLoraLoader and nothing else (RunningHub: getLoraUploadUrl). */
const loraUploader = defineNode({
  ...common,
  type: 'RH_LoraUploader',
  displayName: 'RH LoRA Uploader',
  description: 'Uploads a LoRA of any size and gives the name the cloud node RHLoraLoader takes.',
  inputs: {
    apiConfig: socket('STRUCT'),
    lora: fileOf('any', { optional: true }),
    file: socket('FILE', { optional: true }),
  },
  outputs: { filename: 'STRING' },
  validate: { lora: checkInput(true) },
  fingerprint: ({ inputs, assets }) => contentOf(inputs.lora ?? '', assets),
  execute: async ({ inputs, ...context }) => {
    const asset = inputs.file?.[0]?.asset ?? (await findInput(inputs.lora ?? '', context.assets))
    if (!/\.safetensors$/i.test(asset.name)) {
      throw new NodeError(`"${asset.name}" is no LoRA: RunningHub takes .safetensors files.`, {
        code: 'no-lora',
        hint: 'Choose a .safetensors file.',
      })
    }
    const filename = await context.cloud.uploadLora(inputs.apiConfig, asset, context)
    return { filename, ...onceIfLinked('lora', context) }
  },
})

export const fileUploaders = [fileUploader, loraUploader]

function nothingChosen(): NodeError {
  return new NodeError('There is no file to upload.', {
    code: 'input-missing',
    hint: 'Choose a file, or connect files.',
  })
}
