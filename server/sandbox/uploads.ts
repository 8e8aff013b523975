import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import path from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import busboy from 'busboy'
import { extensionOf, type FileStore, type StoredFile } from './results/file-store.ts'

/** RunningHub: old upload, 30 MB a file of every type. */
const longestUpload = 30 * 1024 * 1024

export type ReceivedForm = {
  fields: Record<string, string>
  file: {
    originalName: string
    contentType: string
    hash: string
    sizeBytes: number
    diskPath: string
  } | null
}

type FormProblem = 'malformed' | 'too-big'

export type Uploads = {
  /** Reads a multipart body, spooling its file to disk; never more than 30 MB of it. */
  receive(request: IncomingMessage): Promise<ReceivedForm | FormProblem>
  /** Keeps a received file under `fileName`; an equal file sent again is kept once. */
  keep(fileName: string, file: NonNullable<ReceivedForm['file']>, now: number): Promise<StoredFile>
  discard(form: ReceivedForm): Promise<void>
  /** Where the file lies that a node field names, `api/<hash>.png`. */
  diskPathOf(fileName: string): string | undefined
}

/** Names remembered for node fields; the oldest are forgotten. */
const mostNames = 20_000

export async function createUploads(store: FileStore): Promise<Uploads> {
  const folder = path.join(store.directory, 'uploads')
  await mkdir(folder)
  let serial = 0
  const urlOf = (fileName: string) => `/input/${fileName}`
  const names = new Map<string, string>()

  return {
    async receive(request) {
      const spoolPath = path.join(folder, `part-${serial++}`)
      const result = await readForm(request, spoolPath)
      if (typeof result === 'string' || result.file === null) await rm(spoolPath, { force: true })
      return result
    },
    async keep(fileName, file, now) {
      const known = store.find(urlOf(fileName), now)
      if (typeof known === 'object') {
        // Equal content, equal name. The first copy stays: a task may be reading it.
        await rm(file.diskPath, { force: true })
        known.createdAt = now
        return known
      }
      names.set(fileName, file.diskPath)
      if (names.size > mostNames) {
        for (const oldest of names.keys()) {
          names.delete(oldest)
          break
        }
      }
      return store.adopt({
        urlPath: urlOf(fileName),
        diskPath: file.diskPath,
        sizeBytes: file.sizeBytes,
        createdAt: now,
        targetId: '',
      })
    },
    async discard({ file }) {
      if (file) await rm(file.diskPath, { force: true })
    },
    diskPathOf: fileName => names.get(fileName),
  }

  async function readForm(request: IncomingMessage, spoolPath: string): Promise<ReceivedForm | FormProblem> {
    let parser: busboy.Busboy
    try {
      parser = busboy({
        headers: request.headers,
        defParamCharset: 'utf8',
        limits: { fileSize: longestUpload + 1, files: 1, fields: 50, fieldSize: 64 * 1024 },
      })
    } catch {
      request.resume()
      return 'malformed' // No multipart content type, or no boundary in it.
    }
    const fields: Record<string, string> = {}
    let spooled: Promise<ReceivedForm['file'] | 'too-big'> = Promise.resolve(null)
    parser.on('field', (name, value) => {
      fields[name] = value
    })
    parser.on('file', (name, stream, info) => {
      if (name !== 'file') {
        stream.resume()
        return
      }
      spooled = spool(stream, info, spoolPath)
      spooled.catch(() => {})
    })
    try {
      await pipeline(request, parser)
      const file = await spooled
      if (file === 'too-big') return 'too-big'
      return { fields, file: file && (await named(file, folder, serial++)) }
    } catch {
      request.resume()
      return 'malformed' // The form ended in the middle, or is none.
    }
  }
}

async function spool(
  stream: NodeJS.ReadableStream & { truncated?: boolean },
  info: busboy.FileInfo,
  spoolPath: string,
): Promise<NonNullable<ReceivedForm['file']> | 'too-big'> {
  const hash = createHash('sha256')
  let sizeBytes = 0
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      sizeBytes += chunk.length
      done(null, chunk)
    },
  })
  await pipeline(stream, measure, createWriteStream(spoolPath))
  if (stream.truncated) return 'too-big'
  return {
    originalName: info.filename ?? '',
    contentType: info.mimeType,
    hash: hash.digest('hex'),
    sizeBytes,
    diskPath: spoolPath,
  }
}

async function named(file: NonNullable<ReceivedForm['file']>, folder: string, serial: number) {
  // The extension helps decoders that go by name.
  const extension = extensionOf(file.originalName).replace(/[^a-z0-9]/g, '')
  const diskPath = path.join(folder, `${serial}-${file.hash}${extension ? `.${extension}` : ''}`)
  await rename(file.diskPath, diskPath)
  return { ...file, diskPath }
}
