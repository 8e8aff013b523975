import { type NodeContext, NodeError } from '../context.ts'
import { encodePng, imageAsset } from '../media/pixels.ts'
import { audioAsset, videoAsset } from '../media/video.ts'
import type { Asset, Audio, Image, RunningHubSettings, Video } from '../values.ts'
import type { MediaInput } from './inputs.ts'
import type { MediaParam } from './model.ts'

/** What a field takes as it is: a public address, the file itself in a text, or the id of a kept asset. */
const address = /^(https?:\/\/|data:|asset:\/\/)\S/i

/** The address a field of the request gets for what came in on a socket; a file is uploaded first. */
export async function addressFor(
  value: unknown,
  input: MediaInput,
  settings: RunningHubSettings,
  context: NodeContext,
): Promise<string | undefined> {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') {
    return context.cloud.publish(settings, await fileOf(value, input.param, context), context)
  }
  const text = value.trim()
  if (text === '') return undefined
  if (address.test(text)) return text
  throw new NodeError(
    `"${text.slice(0, 80)}" is no address of a ${word[input.param.kind]} ("${input.name}").`,
    {
      code: 'bad-media-address',
      hint: 'Give a public http(s) address, a data: URI or asset://ID, or connect a picture, video or sound.',
    },
  )
}

const word = { IMAGE: 'picture', VIDEO: 'video', AUDIO: 'sound' } as const

/** The file of a value. Of a batch the first picture, as the pack sends it. */
async function fileOf(value: unknown, param: MediaParam, context: NodeContext): Promise<Asset> {
  // The sockets' types were checked; what they carry is told by values.ts.
  if (param.kind === 'VIDEO') return videoAsset(value as Video, context)
  if (param.kind === 'AUDIO') return audioAsset(value as Audio, context)
  const image = (value as readonly Image[])[0]
  if (!image) throw new NodeError('There is no picture to send: the batch is empty.', { code: 'empty-batch' })
  const own = await imageAsset(image, context.assets)
  if (takes(param, own.mediaType)) return own
  return context.assets.keep(await encodePng(image), own.name.replace(/(\.[^.]+)?$/, '.png'))
}

/** Formats every model takes unless its entry says otherwise; all else is sent as PNG. */
const usual: Readonly<Record<string, readonly string[]>> = {
  'image/png': ['PNG'],
  'image/jpeg': ['JPG', 'JPEG'],
  'image/webp': ['WEBP'],
}

function takes({ accept }: MediaParam, mediaType: string): boolean {
  const extensions = usual[mediaType]
  return (
    extensions !== undefined &&
    (accept.length === 0 || extensions.some(extension => accept.includes(extension)))
  )
}
