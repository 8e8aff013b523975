import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import busboy from 'busboy'
import type { Request } from 'express'
import sharp from 'sharp'
import type { Folder } from '../../nodes/context.ts'
import type { AssetStore } from '../assets/index.ts'
import { HttpError } from './answer.ts'

/** The limit of one uploaded file. Streamed to disk, never held in memory. */
export const maxUploadBytes = 4 * 1024 ** 3

export type UploadedFile = { name: string; subfolder: string; type: Folder }

/**
 * Takes a multipart upload in (ComfyUI: POST /upload/image): field `image`, with `type`, `subfolder`, `overwrite`. The same name with the same bytes
 * keeps its name, other bytes get `a (1).png`. With `mask` the alpha of the upload is put onto `original_ref`.
 */
export async function receiveUpload(
  request: Request,
  assets: AssetStore,
  options: { mask?: boolean } = {},
): Promise<UploadedFile> {
  const part = join(assets.folders.temp, `.upload-${randomUUID()}.part`)
  await mkdir(dirname(part), { recursive: true })
  try {
    const { fields, file } = await parseMultipart(request, part)
    if (!file || file.name.trim() === '') throw new HttpError(400, 'no-file', 'The upload brings no file.')
    const type = fields.get('type') ?? 'input'
    if (type !== 'input' && type !== 'temp' && type !== 'output') {
      throw new HttpError(400, 'bad-type', `There is no folder "${type}".`)
    }
    if (options.mask) await putMaskOnOriginal(part, originalRef(fields), assets)
    const sha256 = options.mask ? undefined : file.sha256
    const overwrite = ['true', '1'].includes(fields.get('overwrite') ?? '')
    return await assets.placeUpload(part, {
      type,
      subfolder: fields.get('subfolder') ?? '',
      name: file.name,
      overwrite,
      ...(sha256 !== undefined && { sha256 }),
    })
  } finally {
    await rm(part, { force: true })
  }
}

/** Any one file of a multipart body, whatever its field is called, left at `path` for the caller to remove. */
export async function receiveAnyFile(
  request: Request,
  tempDir: string,
): Promise<{ path: string; name: string }> {
  const path = join(tempDir, `.upload-${randomUUID()}.part`)
  await mkdir(tempDir, { recursive: true })
  const { file } = await parseMultipart(request, path)
  if (!file)
    throw new HttpError(400, 'no-file', 'The upload brings no file.', 'Send it as multipart field "file".')
  return { path, name: file.name }
}

type Multipart = { fields: Map<string, string>; file: { name: string; sha256: string } | undefined }

async function parseMultipart(request: Request, part: string): Promise<Multipart> {
  const fields = new Map<string, string>()
  let file: Multipart['file']
  let writing: Promise<void> | undefined
  let tooBig = false
  let parser: busboy.Busboy
  try {
    parser = busboy({
      headers: request.headers,
      defParamCharset: 'utf8',
      // Names with folders are wanted whole: they are judged, not silently cut.
      preservePath: true,
      limits: { files: 1, fields: 20, fieldSize: 1024 * 1024, fileSize: maxUploadBytes, parts: 30 },
    })
  } catch (error) {
    throw new HttpError(400, 'bad-multipart', `This is no multipart upload: ${(error as Error).message}.`)
  }
  parser.on('field', (name, value) => fields.set(name, value))
  parser.on('file', (_name, stream, info) => {
    const hash = createHash('sha256')
    const tap = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk)
        done(null, chunk)
      },
    })
    stream.on('limit', () => {
      tooBig = true
    })
    writing = pipeline(stream, tap, createWriteStream(part)).then(() => {
      file = { name: info.filename ?? '', sha256: hash.digest('hex') }
    })
    writing.catch(() => {})
  })
  try {
    await pipeline(request, parser)
    await writing
  } catch (error) {
    throw new HttpError(
      400,
      'bad-multipart',
      `The upload broke off or is malformed: ${(error as Error).message}.`,
    )
  }
  if (tooBig) throw new HttpError(413, 'too-big', 'The file is larger than 4 GB.')
  return { fields, file }
}

/** JSON text `{ filename, subfolder?, type? }`; one client misspells the field. */
function originalRef(fields: Map<string, string>): { filename: string; subfolder: string; type: Folder } {
  try {
    const ref = JSON.parse(fields.get('original_ref') ?? fields.get('originalRef') ?? '') as Record<
      string,
      unknown
    >
    const { filename, subfolder = '', type = 'output' } = ref
    const known = type === 'input' || type === 'output' || type === 'temp'
    if (typeof filename === 'string' && typeof subfolder === 'string' && known)
      return { filename, subfolder, type }
  } catch {
    // Said below.
  }
  throw new HttpError(400, 'no-original', 'original_ref does not name a picture.')
}

async function putMaskOnOriginal(
  part: string,
  ref: { filename: string; subfolder: string; type: Folder },
  assets: AssetStore,
): Promise<void> {
  const path = assets.pathOf(ref.type, ref.subfolder, ref.filename)
  if (path === undefined) throw new HttpError(400, 'path-outside', 'original_ref leaves its folder.')
  try {
    const original = sharp(path).removeAlpha()
    const { width, height } = await sharp(path).metadata()
    const alpha = await sharp(part)
      .ensureAlpha()
      .extractChannel('alpha')
      .resize(width, height, { fit: 'fill' })
      .toBuffer()
    const painted = await original.joinChannel(alpha).png().toBuffer()
    const texts = await assets.readPngTexts(path)
    await assets.writePart(part, painted, texts)
  } catch (error) {
    if (error instanceof HttpError) throw error
    throw new HttpError(400, 'bad-mask', 'The mask or its original cannot be read as a picture.')
  }
}
