import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileTypeFromFile } from 'file-type'
import mime from 'mime'
import type { Asset } from '../../nodes/values.ts'

/** What kind of thing a file is, as `--json` and the editor name it. */
export type AssetKind = 'image' | 'video' | 'audio' | 'text' | 'latent' | 'model3d' | 'file'

/** Describes files: type by content, SHA-256. Remembers the hash while size and time stay the same. */
export function createDescriber() {
  const known = new Map<string, { stamp: string; asset: Asset }>()
  const maxKnown = 10_000
  return {
    /** A file whose hash is known already, as after a download: only its type is looked at. */
    async describeKnown(path: string, facts: { sizeBytes: number; sha256: string }): Promise<Asset> {
      return { path, name: basename(path), mediaType: await mediaTypeOf(path), ...facts }
    },

    async describe(path: string): Promise<Asset> {
      const facts = await stat(path, { bigint: true })
      const stamp = `${facts.size}:${facts.mtimeNs}:${facts.ino}`
      const seen = known.get(path)
      if (seen?.stamp === stamp) return seen.asset
      const hash = createHash('sha256')
      const [mediaType] = await Promise.all([mediaTypeOf(path), pipeline(createReadStream(path), hash)])
      const asset: Asset = {
        path,
        name: basename(path),
        mediaType,
        sizeBytes: Number(facts.size),
        sha256: hash.digest('hex'),
      }
      if (known.size >= maxKnown) known.clear()
      known.set(path, { stamp, asset })
      return asset
    },
  }
}

/** A file's media type: by its first bytes, else by its name. */
export async function mediaTypeOf(path: string): Promise<string> {
  const found = await fileTypeFromFile(path).catch(() => undefined)
  return found?.mime ?? mime.getType(path) ?? 'application/octet-stream'
}

/** The usual extension of a media type, without the dot. */
export function extensionOf(asset: Pick<Asset, 'name' | 'mediaType'>): string {
  const named = /\.([a-z0-9]{1,10})$/i.exec(asset.name)?.[1]?.toLowerCase()
  const typed = mime.getExtension(asset.mediaType)
  // A PNG called .jpg is saved as what it is.
  if (typed && asset.mediaType.startsWith('image/') && mime.getType(named ?? '') !== asset.mediaType)
    return typed
  return named ?? typed ?? 'bin'
}

/** Pictures that browsers and sharp know; others (EXR, PSD) are files that a program of their own opens. */
const pictures = /^image\/(png|jpeg|webp|gif|bmp|avif|tiff|heic|heif|svg\+xml|apng|x-icon)$/
const models: ReadonlySet<string> = new Set(['glb', 'gltf', 'obj', 'fbx', 'ply', 'stl', 'usdz', '3mf', 'dae'])
const texts: ReadonlySet<string> = new Set(['json', 'srt', 'vtt', 'csv', 'xml', 'yaml', 'yml', 'log'])

export function kindOf(asset: Pick<Asset, 'name' | 'mediaType'>): AssetKind {
  const [family] = asset.mediaType.split('/')
  if (family === 'video' || family === 'audio' || family === 'text') return family
  if (pictures.test(asset.mediaType)) return 'image'
  const extension = /\.([a-z0-9]+)$/i.exec(asset.name)?.[1]?.toLowerCase() ?? ''
  if (extension === 'latent') return 'latent'
  if (family === 'model' || models.has(extension)) return 'model3d'
  return texts.has(extension) ? 'text' : 'file'
}
