import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { copyFile, mkdir, readFile, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import busboy from 'busboy'
import type { Request } from 'express'
import sharp from 'sharp'
import type { Folder } from '../../nodes/context.ts'
import type { AssetStore } from '../assets/index.ts'
import { systemCodeOf } from '../shared/errors.ts'
import { HttpError, tooBig } from './answer.ts'
import { decodePicture } from './pictures.ts'

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
  let part = join(assets.folders.temp, `.upload-${randomUUID()}.part`)
  await mkdir(dirname(part), { recursive: true })
  try {
    const { fields, file } = await parseMultipart(request, part, maxUploadBytes)
    if (!file || file.name.trim() === '') throw new HttpError(400, 'no-file', 'The upload brings no file.')
    const type = fields.get('type') ?? 'input'
    if (type !== 'input' && type !== 'temp' && type !== 'output') {
      throw new HttpError(400, 'bad-type', `There is no folder "${type}".`)
    }
    if (options.mask) await putMaskOnOriginal(part, originalRef(fields), assets)
    const sha256 = options.mask ? undefined : file.sha256
    const folder = assets.folders[type]
    await mkdir(folder, { recursive: true })
    part = await moveNear(part, folder)
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

/** Moves a file into a folder, which may lie on another disk; gives its new path. */
async function moveNear(path: string, folder: string): Promise<string> {
  const near = join(folder, basename(path))
  try {
    await rename(path, near)
  } catch (error) {
    if (systemCodeOf(error) !== 'EXDEV') throw error
    await copyFile(path, near)
    await rm(path)
  }
  return near
}

/** The bytes and name of any one file of a multipart body, whatever its field is called. */
export async function receiveAnyFile(
  request: Request,
  tempDir: string,
  maxBytes: number,
): Promise<{ bytes: Uint8Array; name: string }> {
  const path = join(tempDir, `.upload-${randomUUID()}.part`)
  await mkdir(tempDir, { recursive: true })
  try {
    const { file } = await parseMultipart(request, path, maxBytes)
    if (file) return { bytes: await readFile(path), name: file.name }
  } finally {
    await rm(path, { force: true })
  }
  throw new HttpError(400, 'no-file', 'The upload brings no file.', 'Send it as multipart field "file".')
}

type Multipart = { fields: Map<string, string>; file: { name: string; sha256: string } | undefined }

/** Names and boundaries around a file; so much may an upload be longer than the file itself. */
const multipartExtraBytes = 1024 * 1024

async function parseMultipart(request: Request, part: string, maxBytes: number): Promise<Multipart> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes + multipartExtraBytes) throw tooBig(maxBytes)
  const fields = new Map<string, string>()
  let file: Multipart['file']
  let writing: Promise<void> | undefined
  let isCut = false
  let parser: busboy.Busboy
  try {
    parser = busboy({
      headers: request.headers,
      defParamCharset: 'utf8',
      // Names with folders are wanted whole: they are judged, not silently cut.
      preservePath: true,
      limits: { files: 1, fields: 20, fieldSize: 1024 * 1024, fileSize: maxBytes, parts: 30 },
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
      isCut = true
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
  if (isCut) throw tooBig(maxBytes)
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
    // In two steps: in one pipeline removeAlpha would take the joined channel away again.
    const { data, info } = await decodePicture(path)
      .toColourspace('srgb')
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true })
    const { width, height, channels } = info
    const alpha = await decodePicture(part)
      .ensureAlpha()
      .extractChannel('alpha')
      .resize(width, height, { fit: 'fill' })
      .raw()
      .toBuffer()
    const painted = await sharp(data, { raw: { width, height, channels } })
      .joinChannel(alpha, { raw: { width, height, channels: 1 } })
      .png()
      .toBuffer()
    const texts = await assets.readPngTexts(path)
    await assets.writePart(part, painted, texts)
  } catch (error) {
    if (error instanceof HttpError) throw error
    throw new HttpError(400, 'bad-mask', 'The mask or its original cannot be read as a picture.')
  }
}
