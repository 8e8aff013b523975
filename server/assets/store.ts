import { randomUUID } from 'node:crypto'
import { statSync } from 'node:fs'
import { copyFile, mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import mime from 'mime'
import type { AssetAccess } from '../../nodes/context.ts'
import type { FileKind } from '../../nodes/define-node.ts'
import type { Asset } from '../../nodes/values.ts'
import { BridgeError } from '../shared/errors.ts'
import { writeJson } from '../shared/lossless-json.ts'
import { createDescriber, mediaTypeOf } from './describe.ts'
import type { Folders } from './folders.ts'
import { createKeeper } from './keep.ts'
import { pathInside, readAnnotatedName, safeName } from './names.ts'
import { createPathFinder } from './paths.ts'
import { place } from './place.ts'
import { isPng, pngTexts, withPngTexts } from './png-metadata.ts'
import { createSaver } from './save.ts'
import { placeUpload, type Upload } from './uploads.ts'

/** What a run writes into the PNG files it saves. Keys have been taken out of both. */
export type RunMetadata = { readonly prompt?: unknown; readonly workflow?: unknown }

export type AssetStore = ReturnType<typeof createAssetStore>

/** The files the server holds: finding, describing, saving. Every name is proven to stay inside its folder. */
export function createAssetStore(
  folders: Folders,
  clock: { now(): number },
  allowDirs: readonly string[] = [],
) {
  const { describe, describeKnown } = createDescriber()
  const save = createSaver(folders, clock)
  const keeper = createKeeper(folders.temp, describe)
  const byPath = createPathFinder(folders, allowDirs, describe)
  const unread = createPathFinder(folders, allowDirs, lookAt)

  function locate(annotatedName: string): string {
    const { folder, name } = readAnnotatedName(annotatedName)
    return pathInside(folders[folder], name)
  }

  async function find(annotatedName: string): Promise<Asset> {
    const path = locate(annotatedName)
    if (!(await isFile(path))) {
      throw new BridgeError(`"${annotatedName}" is not in the input folder.`, {
        code: 'input-missing',
        hint: `Put it into ${folders.input}, or choose another file.`,
      })
    }
    return describe(path)
  }

  return {
    folders,
    describe,
    describeKnown,
    find,

    async exists(annotatedName: string): Promise<boolean> {
      try {
        return await isFile(locate(annotatedName))
      } catch {
        // A name that leaves the folder is a name of nothing.
        return false
      }
    },

    /** What a file is by name, type and size, without reading it, as uploaders find it: below input, below its `uploads`, or by its path. */
    async glance(written: string): Promise<Pick<Asset, 'name' | 'mediaType' | 'sizeBytes'> | undefined> {
      const name = written.trim()
      for (const candidate of [name, `uploads/${name}`]) {
        if (await this.exists(candidate)) return lookAt(locate(candidate))
      }
      return unread.findPath(written).catch(() => undefined)
    },

    /** Names of the media in the input folder and of saved pictures, by kind, sorted (ComfyUI: combos of loaders). Subfolders are left out. */
    async listInputs(): Promise<Record<FileKind, readonly string[]>> {
      const [names, saved] = await Promise.all([fileNames(folders.input), fileNames(folders.output)])
      const of = (kind: string) => names.filter(name => mime.getType(name)?.startsWith(`${kind}/`)).sort()
      const [video, gifs] = [of('video'), names.filter(name => /\.(gif|webp)$/i.test(name))]
      return {
        image: of('image'),
        audio: [...of('audio'), ...video].sort(),
        video,
        clip: [...video, ...gifs].sort(),
        latent: names.filter(name => name.endsWith('.latent')).sort(),
        any: names.sort(),
        saved: saved
          .filter(name => mime.getType(name)?.startsWith('image/'))
          .sort()
          .slice(-mostSaved)
          .map(name => `${name} [output]`),
      }
    },

    /** Whether a file is still there with the size it had; cheap enough for each cached result. */
    isThere(asset: Asset): boolean {
      return statSync(asset.path, { throwIfNoEntry: false })?.size === asset.sizeBytes
    },

    /** Where a file of a folder lies, or undefined when the name leaves it. */
    pathOf(folder: keyof Folders, subfolder: string, name: string): string | undefined {
      try {
        const root = subfolder === '' ? folders[folder] : pathInside(folders[folder], subfolder)
        return pathInside(root, name)
      } catch {
        return undefined
      }
    },

    /** Gives an uploaded file, which lies at `part`, its place and name (ComfyUI: POST /upload/image). */
    placeUpload: (part: string, upload: Upload) => placeUpload(folders, describe, part, upload),

    /** The prompt and workflow texts of a PNG, and a picture written with them: what a mask edit keeps. */
    async readPngTexts(path: string): Promise<Readonly<Record<string, string>>> {
      const bytes = await readFile(path)
      return isPng(bytes) ? pngTexts(bytes) : {}
    },
    async writePart(part: string, png: Buffer, texts: Readonly<Record<string, string>>): Promise<void> {
      await writeFile(part, withPngTexts(png, texts))
    },

    /** Copies a file from elsewhere into the input folder. The same bytes keep their name, others get `name (1).png`. */
    async adopt(path: string): Promise<string> {
      await mkdir(folders.input, { recursive: true })
      const source = await describe(resolve(path))
      const name = safeName(basename(path))
      const [, stem = name, extension = ''] = /^(.*?)(\.[^.]*)?$/.exec(name) ?? []
      for (let number = 0; ; number++) {
        const candidate = number === 0 ? name : `${stem} (${number})${extension}`
        const target = join(folders.input, candidate)
        if (await isFile(target)) {
          if ((await describe(target)).sha256 === source.sha256) return candidate
          continue
        }
        const part = join(folders.input, `.${randomUUID()}.part`)
        await copyFile(source.path, part)
        if (await place(part, target)) return candidate
        // Somebody was faster: their file is looked at like any other.
        await rm(part)
        number--
      }
    },

    /** The face nodes see. `metadata` goes into PNG files; undefined leaves them as they are. */
    accessFor(metadata: RunMetadata | undefined): AssetAccess {
      const texts: Record<string, string> = {}
      for (const [keyword, value] of Object.entries(metadata ?? {})) {
        if (value !== undefined) texts[keyword] = writeJson(value)
      }
      return {
        find,
        exists: this.exists,
        save: request => save(request, texts),
        ...byPath,
        ...keeper,
        metadata: texts,
        readText,
        readBytes,
      }
    },
  }
}

/** So many names of saved pictures are offered, the last in order: an output folder grows without end. */
const mostSaved = 500

async function fileNames(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  return entries.filter(entry => entry.isFile() && !entry.name.startsWith('.')).map(entry => entry.name)
}

/** The whole file as UTF-8, wrong bytes replaced; a longer one is cut with a line that says so. */
async function readText(asset: Asset, maxBytes: number): Promise<string> {
  const file = await open(asset.path)
  try {
    const buffer = Buffer.alloc(Math.min(asset.sizeBytes, maxBytes))
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0)
    const text = buffer.toString('utf8', 0, bytesRead).replace(/^\ufeff/, '')
    return asset.sizeBytes > maxBytes ? `${text}\n[cut after ${maxBytes} of ${asset.sizeBytes} bytes]` : text
  } finally {
    await file.close()
  }
}

async function readBytes(asset: Asset, from: number, to: number): Promise<Uint8Array> {
  const file = await open(asset.path)
  try {
    const buffer = Buffer.alloc(Math.max(0, Math.min(to, asset.sizeBytes) - from))
    const { bytesRead } = await file.read(buffer, 0, buffer.length, from)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}

/** A file by what tells without reading it; it has no hash. */
async function lookAt(path: string): Promise<Asset> {
  const [{ size }, mediaType] = await Promise.all([stat(path), mediaTypeOf(path)])
  return { path, name: basename(path), mediaType, sizeBytes: size, sha256: '' }
}

/**
 * Keeps a folder of folders or files within bounds: entries older than `maxAgeMs` go, then the oldest until `maxBytes` hold, but none
 * younger than `keepMs`, which runs may be using. `isByFile`: a folder in it is no unit. Errors are left for the next time: cleaning up
 * never stops a run.
 */
export async function trimFolder(
  folder: string,
  limits: { maxAgeMs: number; maxBytes: number; keepMs?: number; isByFile?: boolean },
  now: number,
): Promise<void> {
  const { maxAgeMs, maxBytes, keepMs = 0, isByFile = false } = limits
  const found = await readdir(folder, { withFileTypes: true, recursive: isByFile }).catch(() => [])
  const entries = isByFile ? found.filter(entry => !entry.isDirectory()) : found
  const sized = await Promise.all(
    entries.map(async entry => {
      const path = join(entry.parentPath, entry.name)
      // The entry itself counts too: a folder that is still empty was made just now.
      const below = entry.isDirectory() ? await readdir(path, { recursive: true }).catch(() => []) : []
      const inside = ['', ...below]
      let bytes = 0
      let newest = 0
      for (const name of inside) {
        const facts = await stat(join(path, name)).catch(() => undefined)
        if (facts?.isFile()) bytes += facts.size
        newest = Math.max(newest, facts?.mtimeMs ?? 0)
      }
      return { path, bytes, newest }
    }),
  )
  let total = sized.reduce((sum, entry) => sum + entry.bytes, 0)
  for (const entry of sized.sort((a, b) => a.newest - b.newest)) {
    const ageMs = now - entry.newest
    if (ageMs < keepMs || (ageMs <= maxAgeMs && total <= maxBytes)) continue
    await rm(entry.path, { recursive: true, force: true }).catch(() => {})
    total -= entry.bytes
  }
}
