import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, rm, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A file the sandbox hands out by plain GET. */
export type StoredFile = {
  /** Path of its URL, `/output/<hex>/output/ComfyUI_….png`. */
  urlPath: string
  /** Where it is spooled. */
  diskPath: string
  sizeBytes: number
  /** What of it lies on disk; the rest is made as it is read. */
  spooledBytes: number
  contentType: string
  etag: string
  createdAt: number
  /** Workflow or app it came from, for faults; empty for uploads. */
  targetId: string
  /** Throttle of every connection that fetches it. */
  bytesPerSecond?: number
  /** Played instead of the file. */
  answer?: 403 | 404
}

export type FileStore = {
  directory: string
  /** `sizeBytes` of a file that is longer than the bytes it begins with. */
  put(
    file: Omit<StoredFile, 'diskPath' | 'sizeBytes' | 'spooledBytes' | 'contentType' | 'etag'>,
    bytes: Buffer,
    sizeBytes?: number,
  ): Promise<StoredFile>
  /** Takes over a file that is already in {@link directory}. */
  adopt(file: Omit<StoredFile, 'spooledBytes' | 'contentType' | 'etag'>): StoredFile
  /** `gone`: 24 h have passed (RunningHub: lifetimes). */
  find(urlPath: string, now: number): StoredFile | 'gone' | undefined
  forget(urlPath: string): void
  close(): Promise<void>
}

const lifetimeMs = 24 * 3600_000

/** Spooled bytes beyond this push the oldest files out. */
const mostBytes = 3 * 1024 ** 3

export async function createFileStore(): Promise<FileStore> {
  const directory = await mkdtemp(path.join(tmpdir(), 'rh-sandbox-'))
  await mkdir(path.join(directory, 'files'))
  const files = new Map<string, StoredFile>()
  const expired = new Set<string>()
  let total = 0
  let serial = 0
  let closed = false

  const forget = (urlPath: string) => {
    const file = files.get(urlPath)
    if (!file) return
    files.delete(urlPath)
    total -= file.spooledBytes
    // A file that is still being sent stays readable until its last reader closes it.
    unlink(file.diskPath).catch(() => {})
  }
  const keep = (file: StoredFile) => {
    forget(file.urlPath)
    files.set(file.urlPath, file)
    total += file.spooledBytes
    for (const oldest of files.keys()) {
      if (total <= mostBytes) break
      forget(oldest)
    }
    return file
  }
  const complete = (file: Omit<StoredFile, 'contentType' | 'etag'>): StoredFile => ({
    ...file,
    contentType: contentTypeOf(file.urlPath),
    etag: `"${file.createdAt.toString(16)}-${file.sizeBytes.toString(16)}-${(serial++).toString(16)}"`,
  })

  return {
    directory,
    async put(file, bytes, sizeBytes = bytes.length) {
      const diskPath = path.join(directory, 'files', String(serial++))
      // Closing removes the folder; a picture that was still being drawn then has nowhere to go.
      if (!closed) await writeFile(diskPath, bytes)
      return keep(complete({ ...file, diskPath, sizeBytes, spooledBytes: bytes.length }))
    },
    adopt: file => keep(complete({ ...file, spooledBytes: file.sizeBytes })),
    find(urlPath, now) {
      const file = files.get(urlPath)
      if (!file) return expired.has(urlPath) ? 'gone' : undefined
      if (now - file.createdAt < lifetimeMs) return file
      forget(urlPath)
      if (expired.size < 10_000) expired.add(urlPath)
      return 'gone'
    },
    forget,
    async close() {
      closed = true
      await rm(directory, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

const blockBytes = 64 * 1024

/** A file's bytes from `start` to `end`, both counted: what is spooled from disk, the rest by its place in the file. */
export async function* readStored(file: StoredFile, start: number, end: number): AsyncGenerator<Buffer> {
  const spooledEnd = Math.min(end, file.spooledBytes - 1)
  if (start <= spooledEnd) yield* createReadStream(file.diskPath, { start, end: spooledEnd })
  for (let at = Math.max(start, file.spooledBytes); at <= end; ) {
    const block = Math.floor(at / blockBytes)
    const next = Math.min(end + 1, (block + 1) * blockBytes)
    yield Buffer.alloc(next - at, block % 251)
    at = next
  }
}

const contentTypes: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  webm: 'video/webm',
  mkv: 'video/x-matroska',
  avi: 'video/x-msvideo',
  wav: 'audio/wav',
  mp3: 'audio/mpeg',
  flac: 'audio/flac',
  txt: 'text/plain',
  json: 'application/json',
  glb: 'model/gltf-binary',
  zip: 'application/zip',
}

function contentTypeOf(name: string): string {
  return contentTypes[extensionOf(name)] ?? 'application/octet-stream'
}

export function extensionOf(name: string): string {
  return path.extname(name).slice(1).toLowerCase()
}
