import { createHash } from 'node:crypto'
import {
  type Handler,
  headerKey,
  openAccount,
  unauthorized,
  v1Account,
  v2Account,
  v2Unauthorized,
  violate,
} from '../call.ts'
import { paramsInvalid, type Refusal, refuse, success, text, uploadRefuse, uploadSuccess } from '../reply.ts'
import { extensionOf } from '../results/file-store.ts'
import { fileError } from '../transport.ts'
import type { ReceivedForm } from '../uploads.ts'

const tooBig: Refusal = { code: 809, msg: 'APIKEY_FILE_SIZE_EXCEEDED' }

/** RunningHub: old upload. The key is a part of the form. */
export const uploadV1: Handler = async (call, house) => {
  const form = await house.uploads.receive(call.request)
  if (form === 'too-big') return refuse(tooBig)
  if (form === 'malformed') {
    violate(call, house, 'malformed-multipart', 'the body is no complete multipart form')
    return paramsInvalid()
  }
  const account = openAccount(form.fields.apiKey || headerKey(call), house)
  if (!account || !form.file) await house.uploads.discard(form)
  if (!account) return unauthorized()
  if (!form.file) return paramsInvalid()
  const fileName = storedName('api', form.file)
  await house.uploads.keep(fileName, form.file, house.timers.now())
  return success({ fileName, fileType: form.fields.fileType || 'input' })
}

/** RunningHub: new upload. `message` instead of `msg`, `size` a string. */
export const uploadV2: Handler = async (call, house) => {
  const account = v2Account(call, house)
  const form = await house.uploads.receive(call.request)
  if (!account) {
    if (typeof form !== 'string') await house.uploads.discard(form)
    return uploadRefuse(v2Unauthorized())
  }
  if (form === 'too-big') return uploadRefuse(tooBig)
  if (form === 'malformed') {
    violate(call, house, 'malformed-multipart', 'the body is no complete multipart form')
    return uploadRefuse({ code: 301, msg: 'PARAMS_INVALID' })
  }
  if (form.fields.apiKey !== undefined)
    violate(call, house, 'api-key-in-v2-body', 'the form has a part apiKey')
  if (!form.file) return uploadRefuse({ code: 301, msg: 'PARAMS_INVALID' })
  const fileName = storedName('openapi', form.file)
  const stored = await house.uploads.keep(fileName, form.file, house.timers.now())
  const family = stored.contentType.split('/')[0] ?? ''
  return uploadSuccess({
    type: ['image', 'audio', 'video'].includes(family) ? family : 'file',
    download_url: house.url() + stored.urlPath,
    fileName,
    size: String(stored.sizeBytes),
  })
}

/** `api/<hash64>.png`; a ZIP is a bare hash, without folder and extension (RunningHub: old upload). */
function storedName(folder: string, file: NonNullable<ReceivedForm['file']>): string {
  const extension = extensionOf(file.originalName)
    .replace(/[^a-z0-9]/g, '')
    .slice(0, 12)
  if (extension === 'zip' && folder === 'api') return file.hash
  return `${folder}/${file.hash}${extension ? `.${extension}` : ''}`
}

const loraHourMs = 3600_000

/** RunningHub: getLoraUploadUrl. The URL is good for an hour. */
export const loraUploadUrl: Handler = (call, house) => {
  const account = v1Account(call, house)
  if (!account) return unauthorized()
  const { loraName, md5Hex } = call.body
  if (typeof loraName !== 'string' || loraName === '') return paramsInvalid()
  if (typeof md5Hex !== 'string' || !/^[0-9a-f]{32}$/i.test(md5Hex)) return paramsInvalid()
  const fileName = `api-lora-cn/${md5Hex.toLowerCase()}.safetensors`
  const expires = house.timers.now() + loraHourMs
  const url = `${house.url()}/models/${fileName}?expires=${expires}&sign=${signature(fileName, expires)}`
  return success({ fileName, url })
}

/** The presigned PUT of a LoRA: bytes are counted and checked against the digest in the name, not kept. */
export const putLora: Handler = async (call, house) => {
  const fileName = call.path.slice('/models/'.length)
  const expires = Number(call.query.get('expires'))
  const valid = call.query.get('sign') === signature(fileName, expires) && house.timers.now() < expires
  const digest = createHash('md5')
  for await (const chunk of call.request as AsyncIterable<Buffer>) digest.update(chunk)
  if (!valid) return fileError(403, call.path)
  if (!fileName.includes(digest.digest('hex'))) {
    return text(400, '<Error><Code>BadDigest</Code></Error>', 'application/xml')
  }
  return text(200, '')
}

function signature(fileName: string, expires: number): string {
  return createHash('sha256').update(`sandbox ${fileName} ${expires}`).digest('hex').slice(0, 40)
}
