import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { type Response, Router } from 'express'
import mime from 'mime'
import sharp, { type Sharp } from 'sharp'
import type { Folder } from '../../nodes/context.ts'
import { HttpError, query, queryInteger, sendJson } from './answer.ts'
import { createTurns, decodePicture, type InTurn } from './pictures.ts'
import { receiveUpload } from './receive-upload.ts'
import type { Services } from './services.ts'

const folders: readonly string[] = ['input', 'output', 'temp']

/** /upload/image, /upload/mask, /view, /view_metadata (ComfyUI: its reference, 5.4). */
export function fileRoutes(services: Services): Router {
  const { assets } = services.bridge
  const inTurn = createTurns()
  const router = Router()

  router.post('/upload/image', async (request, response) => {
    sendJson(response, await receiveUpload(request, assets))
  })

  router.post('/upload/mask', async (request, response) => {
    sendJson(response, await receiveUpload(request, assets, { mask: true }))
  })

  router.get('/view', async (request, response) => {
    const path = await findViewed(services, {
      filename: query(request, 'filename'),
      type: query(request, 'type'),
      subfolder: query(request, 'subfolder'),
    })
    const preview = query(request, 'preview')
    const channel = query(request, 'channel') ?? 'rgba'
    if (preview !== undefined) {
      const max = queryInteger(request, 'max')
      const seen = request.headers['if-none-match']
      return sendPreview(response, path, {
        preview,
        channel,
        max,
        seen,
        inTurn,
        poster: services.bridge.poster,
      })
    }
    if (channel === 'rgb' || channel === 'a') return sendChannel(response, path, { channel, inTurn })
    await sendFile(response, path)
  })

  router.get('/view_metadata/:folder', async (request, response) => {
    const type = request.params.folder
    const path = await findViewed(services, {
      filename: query(request, 'filename'),
      type,
      subfolder: undefined,
    })
    sendJson(response, await readSafetensorsMetadata(path))
  })
  return router
}

/** The file a /view request names: `filename` may be annotated and is cut to its base name; folders go in `subfolder`. */
async function findViewed(
  { bridge }: Services,
  asked: { filename: string | undefined; type: string | undefined; subfolder: string | undefined },
): Promise<string> {
  if (asked.filename === undefined) throw notFound()
  const annotated = /^(.*?)\s?\[(input|output|temp)\]$/.exec(asked.filename)
  const written = annotated?.[1] ?? asked.filename
  const type = annotated?.[2] ?? asked.type ?? 'output'
  if (written === '' || written.startsWith('/') || written.includes('..') || written.includes('\0')) {
    throw new HttpError(400, 'bad-name', 'That is no file name.')
  }
  if (!folders.includes(type)) throw new HttpError(400, 'bad-type', `There is no folder "${type}".`)
  const name = written.split(/[\\/]/).at(-1) ?? ''
  const path = bridge.assets.pathOf(type as Folder, asked.subfolder ?? '', name)
  if (path === undefined) throw new HttpError(403, 'path-outside', 'That folder is not open.')
  const facts = await stat(path).catch(() => undefined)
  if (!facts?.isFile()) throw notFound()
  return path
}

/** Types that a browser would run or lay out as a page of this server. */
const active = /html|svg|xml|javascript|ecmascript|css|xhtml|x-httpd|wasm/i

async function sendFile(response: Response, path: string): Promise<void> {
  const guessed = mime.getType(path) ?? 'application/octet-stream'
  const isActive = active.test(guessed)
  const name = basename(path)
  response.setHeader('Content-Type', isActive ? 'application/octet-stream' : withCharset(guessed))
  response.setHeader('Content-Disposition', disposition(name, isActive))
  await new Promise<void>((resolve, reject) => {
    response.sendFile(path, { dotfiles: 'allow', cacheControl: false }, error => {
      // A client that goes away in the middle is no error of ours.
      if (!error || response.headersSent) resolve()
      else reject(error)
    })
  })
}

function withCharset(type: string): string {
  return /^text\/|json$/.test(type) ? `${type}; charset=utf-8` : type
}

/** ComfyUI writes only `filename="…"`; names beyond ASCII get the extended form too, script-like files are never shown in the page. */
function disposition(name: string, attachment: boolean): string {
  const ascii = name.replace(/[^\x20-\x7e]|["\\]/g, '_')
  const extended = ascii === name ? '' : `; filename*=UTF-8''${encodeURIComponent(name)}`
  return `${attachment ? 'attachment; ' : ''}filename="${ascii}"${extended}`
}

/** How long a thumbnail stands before it is asked whether the file has changed. */
const keptSeconds = 60
/** Posters of videos come no larger than this, whoever asks. */
const largestPoster = 1_024

/** ComfyUI's preview; ours besides: `max`, a thumbnail's longest side, and the first frame of a video. */
async function sendPreview(
  response: Response,
  path: string,
  how: {
    preview: string
    channel: string
    max: number | undefined
    seen: string | undefined
    inTurn: InTurn
    poster: (path: string, size: number) => Promise<Buffer>
  },
): Promise<void> {
  const { preview, channel, inTurn } = how
  const max = how.max === undefined ? undefined : Math.min(4_096, Math.max(16, how.max))
  if (max !== undefined) {
    const { mtimeMs, size } = await stat(path)
    const tag = `"${[mtimeMs, size, preview, channel, max].map(encodeURIComponent).join('-')}"`
    response.setHeader('ETag', tag)
    response.setHeader('Cache-Control', `private, max-age=${keptSeconds}`)
    if (how.seen === tag) {
      response.status(304).end()
      return
    }
  }
  const [format, qualityText] = preview.split(';')
  const quality = Math.min(100, Math.max(1, Number(qualityText) || 90))
  const isVideo = mime.getType(path)?.startsWith('video/') ?? false
  const asJpeg = !isVideo && format === 'jpeg' && !channel.includes('a')
  const paint = () => {
    const picture = decode(path)
    if (max) picture.resize({ width: max, height: max, fit: 'inside', withoutEnlargement: true })
    return (asJpeg ? picture.flatten().jpeg({ quality }) : picture.webp({ quality })).toBuffer()
  }
  const bytes = await painting(
    inTurn,
    isVideo ? () => how.poster(path, Math.min(largestPoster, max ?? largestPoster)) : paint,
  )
  response
    .type(asJpeg ? 'image/jpeg' : 'image/webp')
    .setHeader('Content-Disposition', disposition(basename(path), false))
  response.send(bytes)
}

async function sendChannel(
  response: Response,
  path: string,
  { channel, inTurn }: { channel: 'rgb' | 'a'; inTurn: InTurn },
): Promise<void> {
  const alphaOnly = async () => {
    const { data, info } = await decode(path).ensureAlpha().raw().toBuffer({ resolveWithObject: true })
    for (let at = 0; at < data.length; at += 4) data.fill(0, at, at + 3)
    return sharp(data, { raw: { width: info.width, height: info.height, channels: 4 } })
      .png()
      .toBuffer()
  }
  const bytes = await painting(
    inTurn,
    channel === 'rgb' ? () => decode(path).removeAlpha().png().toBuffer() : alphaOnly,
  )
  response.type('image/png').setHeader('Content-Disposition', disposition(basename(path), false))
  response.send(bytes)
}

function decode(path: string): Sharp {
  return decodePicture(path).autoOrient().toColourspace('srgb')
}

async function painting(inTurn: InTurn, work: () => Promise<Buffer>): Promise<Buffer> {
  try {
    return await inTurn(work)
  } catch {
    throw new HttpError(415, 'no-picture', 'That file cannot be shown as a picture, or it is too large.')
  }
}

/** The `__metadata__` of a safetensors header: 8 bytes of length, then JSON. */
async function readSafetensorsMetadata(path: string): Promise<unknown> {
  if (extname(path) !== '.safetensors' && extname(path) !== '.latent') throw notFound()
  const chunks: Buffer[] = []
  for await (const chunk of createReadStream(path, { end: 4 * 1024 * 1024 })) chunks.push(chunk as Buffer)
  const bytes = Buffer.concat(chunks)
  try {
    const header: unknown = JSON.parse(bytes.toString('utf8', 8, 8 + Number(bytes.readBigUInt64LE(0))))
    const metadata = (header as { __metadata__?: unknown }).__metadata__
    if (metadata !== undefined) return metadata
  } catch {
    // No header of that form: as if there were none.
  }
  throw notFound()
}

function notFound(): HttpError {
  return new HttpError(404, 'not-found', 'There is no such file.')
}
