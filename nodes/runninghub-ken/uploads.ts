import { type AssetAccess, NodeError } from '../context.ts'
import { defineNode, fileOf, oneOf, socket, string } from '../define-node.ts'
import { videoAsset } from '../media/video.ts'
import { checkInput, contentOf, findInput, onceIfLinked } from '../runninghub/input-file.ts'
import { neverFromCache, uploadPicture } from '../runninghub/uploads.ts'
import type { Asset, NodeInfo } from '../values.ts'
import { anyField, pack, target, withParam } from './common.ts'

const upload = { ...pack, ...neverFromCache } as const
const config = socket('RH_CONFIG')
const previous = { previous_params: socket('RH_PARAMS', { optional: true }) }
const named = { filename: 'STRING', params: 'RH_PARAMS' } as const

const uploadImage = defineNode({
  ...upload,
  type: 'RH_UploadImage',
  displayName: '📤 RH Upload Image',
  inputs: {
    config,
    image: socket('IMAGE'),
    ...target(['image', 'init_image', 'control_image', 'mask', 'reference', 'custom']),
    ...previous,
  },
  outputs: named,
  uploads: () => ['image'],
  validate: anyField,
  // Formerly the first value was a file format.
  migrateWidgets: ([first, ...rest]) => [/^(png|jpe?g|webp)$/i.test(String(first)) ? '' : first, ...rest],
  execute: async ({ inputs, ...context }) => {
    const filename = await uploadPicture(inputs.config.settings, inputs.image, context)
    return { filename, params: withParam(inputs.previous_params, inputs, filename) }
  },
})

const uploadVideo = defineNode({
  ...upload,
  type: 'RH_UploadVideo',
  displayName: '📤 RH Upload Video',
  inputs: {
    config,
    video: socket('VIDEO'),
    ...target(['video', 'init_video', 'reference', 'custom']),
    ...previous,
  },
  outputs: named,
  uploads: () => ['video'],
  validate: anyField,
  execute: async ({ inputs, ...context }) => {
    const asset = await videoAsset(inputs.video, context)
    const filename = await context.cloud.upload(inputs.config.settings, asset, context)
    return { filename, params: withParam(inputs.previous_params, inputs, filename) }
  },
})

/** Without a path it uploads nothing, as there: optional sound. */
const uploadAudio = defineNode({
  ...upload,
  type: 'RH_UploadAudio',
  displayName: '📤 RH Upload Audio',
  inputs: {
    config,
    audio_path: string({ default: '' }),
    ...target(['audio', 'init_audio', 'reference', 'custom']),
    ...previous,
  },
  outputs: named,
  uploads: () => ['audio_path'],
  validate: anyField,
  fingerprint: ({ inputs, assets }) => contentAt(inputs.audio_path, assets),
  execute: async ({ inputs, ...context }) => {
    const once = onceIfLinked('audio_path', context)
    if (inputs.audio_path.trim() === '')
      return { filename: '', params: inputs.previous_params ?? [], ...once }
    const asset = await fileAt(inputs.audio_path, context.assets)
    const filename = await context.cloud.upload(inputs.config.settings, asset, context)
    return { filename, params: withParam(inputs.previous_params, inputs, filename), ...once }
  },
})

/** The path of a file of the input folder, for RH_UploadAudio. */
const loadAudioPath = defineNode({
  ...pack,
  type: 'RH_LoadAudioPath',
  displayName: '🎵 RH Load Audio Path',
  inputs: { audio_filename: fileOf('audio') },
  outputs: { audio_path: 'STRING' },
  validate: { audio_filename: checkInput(false) },
  fingerprint: ({ inputs, assets }) => contentOf(inputs.audio_filename, assets),
  execute: async ({ inputs, assets }) => ({
    audio_path: (await findInput(inputs.audio_filename, assets)).path,
  }),
})

const uploadFile = defineNode({
  ...upload,
  type: 'RH_UploadFile',
  displayName: '📤 RH Upload File',
  inputs: {
    config,
    node_id: string({ default: '' }),
    field_name: oneOf(['text', 'image', 'audio', 'video', 'latent', 'mask', 'file']),
    file_path: string({ default: '' }),
  },
  outputs: { RH_PARAM: 'RH_PARAM' },
  uploads: () => ['file_path'],
  validate: anyField,
  fingerprint: ({ inputs, assets }) => contentAt(inputs.file_path, assets),
  execute: async ({ inputs, ...context }) => {
    const asset = await fileAt(inputs.file_path, context.assets)
    const filename = await context.cloud.upload(inputs.config.settings, asset, context)
    return { RH_PARAM: withParam([], inputs, filename), ...onceIfLinked('file_path', context) }
  },
})

const uploadLatent = defineNode({
  ...upload,
  type: 'RH_UploadLatent',
  displayName: '📤 RH Upload Latent',
  inputs: {
    config,
    latent: socket('LATENT'),
    node_id: string({ default: '' }),
    field_name: string({ default: '' }),
  },
  outputs: { RH_PARAM: 'RH_PARAM' },
  execute: async ({ inputs, ...context }) => {
    const filename = await context.cloud.upload(inputs.config.settings, inputs.latent.asset, context)
    return { RH_PARAM: withParam([], inputs, filename) }
  },
})

type Eight = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8
const eight: readonly Eight[] = [1, 2, 3, 4, 5, 6, 7, 8]
const pictureIn = () => socket('IMAGE', { optional: true })
const pictureFields = ['image', 'control_image', 'mask'] as const

/** One task for each picture (ComfyUI_RH_API: RH_BatchUploadImage). */
const batchUploadImage = defineNode({
  ...upload,
  type: 'RH_BatchUploadImage',
  displayName: '📤 RH Batch Upload Image',
  inputs: {
    config,
    node_id: string({ default: '' }),
    field_name: oneOf(pictureFields),
    ...(Object.fromEntries(eight.map(n => [`image_${n}`, pictureIn()])) as Record<
      `image_${Eight}`,
      ReturnType<typeof pictureIn>
    >),
  },
  outputs: { RH_PARAM_BUNDLE: 'RH_PARAM_BUNDLE' },
  uploads: () => eight.map(n => `image_${n}`),
  validate: anyField,
  execute: async ({ inputs, ...context }) => {
    if (inputs.node_id.trim() === '') throw noNode('node_id')
    const bundle = await Promise.all(
      eight.flatMap(n => {
        const images = inputs[`image_${n}`]
        return images ? [uploadPicture(inputs.config.settings, images, context)] : []
      }),
    )
    return { RH_PARAM_BUNDLE: bundle.map(name => withParam([], inputs, name)) }
  },
})

const nodeIdIn = () => string({ default: '', optional: true })
const fieldIn = () => oneOf(pictureFields, { optional: true })

/** Up to eight pictures for one task, each with a field of its own (ComfyUI_RH_API: RH_MultiInputImage). */
const multiInputImage = defineNode({
  ...upload,
  type: 'RH_MultiInputImage',
  displayName: '📤 RH Multi-Input Image',
  inputs: {
    config,
    ...previous,
    ...(Object.fromEntries(
      eight.flatMap(n => [
        [`image_${n}`, pictureIn()],
        [`node_id_${n}`, nodeIdIn()],
        [`field_name_${n}`, fieldIn()],
      ]),
    ) as Record<`image_${Eight}`, ReturnType<typeof pictureIn>> &
      Record<`node_id_${Eight}`, ReturnType<typeof nodeIdIn>> &
      Record<`field_name_${Eight}`, ReturnType<typeof fieldIn>>),
  },
  outputs: { RH_PARAMS: 'RH_PARAMS' },
  uploads: () => eight.map(n => `image_${n}`),
  validate: Object.fromEntries(eight.map(n => [`field_name_${n}`, anyField.field_name])),
  execute: async ({ inputs, ...context }) => {
    const added = await Promise.all(
      eight.map(async (n): Promise<readonly NodeInfo[]> => {
        const images = inputs[`image_${n}`]
        if (!images) return []
        const node_id = inputs[`node_id_${n}`] ?? ''
        if (node_id.trim() === '') throw noNode(`node_id_${n}`)
        const name = await uploadPicture(inputs.config.settings, images, context)
        return withParam([], { node_id, field_name: inputs[`field_name_${n}`] ?? 'image' }, name)
      }),
    )
    return { RH_PARAMS: [...(inputs.previous_params ?? []), ...added.flat()] }
  },
})

export const uploadNodes = [
  uploadImage,
  uploadVideo,
  uploadAudio,
  loadAudioPath,
  uploadFile,
  uploadLatent,
  batchUploadImage,
  multiInputImage,
]

/** A file by its path, within the folders the user allowed, or by its name in the input folder. */
function fileAt(written: string, assets: AssetAccess): Promise<Asset> {
  const isPath = /^["']?([a-z]:|[\\/])/i.test(written.trim())
  return isPath ? assets.findPath(written) : findInput(written, assets)
}

/** Empty for a path that comes along a link: what it leads to is not known yet (see {@link onceIfLinked}). */
async function contentAt(written: unknown, assets: AssetAccess): Promise<string> {
  const text = String(written ?? '')
  return text.trim() === '' ? '' : (await fileAt(text, assets)).sha256
}

/** A picture that is uploaded for nothing would be a setting silently lost. */
function noNode(input: string): NodeError {
  return new NodeError(`A picture is connected, but ${input} is empty.`, {
    code: 'no-node-id',
    hint: `Write the id of the cloud workflow's node into ${input}.`,
  })
}
