import sharp from 'sharp'
import { toAscii, writeJson } from '../../shared/lossless-json.ts'
import type { ApiGraph } from '../catalogue/graph.ts'
import type { FileSpec } from '../catalogue/special.ts'
import { createRandom, hashOf } from '../random.ts'
import { drawPicture } from './draw-picture.ts'
import { paddedPng, withPngText } from './png.ts'
import { restylePicture } from './restyle-picture.ts'
import { abcBytes, glbBytes, latentBytes, wavBytes } from './small-files.ts'
import { videoBytes, withSkippedBytes } from './video.ts'

/** All a picture of a task depends on. */
export type RenderWish = {
  prompt: string
  seed: string
  width: number
  height: number
  /** Uploaded pictures on disk: the source, then the style. */
  images: string[]
  /** Written into PNGs when metadata is asked for. */
  metadata: ApiGraph | null
}

export const extensions: Record<FileSpec['kind'], string> = {
  picture: 'png',
  noise: 'png',
  empty: 'png',
  video: 'mp4',
  bulk: 'mp4',
  audio: 'wav',
  latent: 'latent',
  glb: 'glb',
  abc: 'abc',
  text: 'txt',
}

/** The bytes of a result; of a bulk file only its beginning, the rest is made as it is sent. */
export type Render = (spec: FileSpec, index: number, wish: RenderWish) => Promise<Buffer>

export const renderFile: Render = async (spec, index, wish) => {
  switch (spec.kind) {
    case 'picture':
      return withMetadata(await renderPicture(spec, index, wish), wish.metadata)
    case 'noise':
      return noisePng(spec.sizeBytes, index)
    case 'video':
      return videoBytes()
    case 'bulk':
      return withSkippedBytes(await videoBytes(), spec.sizeBytes)
    case 'audio':
      return wavBytes(hashOf(wish.prompt) % 12)
    case 'latent':
      return latentBytes(createRandom(hashOf(`${wish.seed}${index}`)).next)
    case 'glb':
      return glbBytes()
    case 'abc':
      return abcBytes()
    case 'text':
      return Buffer.from(spec.text)
    case 'empty':
      return Buffer.alloc(0)
  }
}

async function renderPicture(
  spec: Extract<FileSpec, { kind: 'picture' }>,
  index: number,
  wish: RenderWish,
): Promise<Buffer> {
  const [source, style] = wish.images
  if (source !== undefined && spec.width === undefined) {
    try {
      return await restylePicture({
        source,
        ...(style ? { style } : {}),
        prompt: wish.prompt,
        seed: wish.seed,
        index,
      })
    } catch {
      // Not a picture, or a broken one: the result is drawn as if none had been sent.
    }
  }
  const { width = wish.width, height = wish.height, alpha = false } = spec
  return drawPicture({ prompt: wish.prompt, seed: wish.seed, index, width, height, alpha })
}

function withMetadata(png: Buffer, graph: ApiGraph | null): Buffer {
  return graph === null ? png : withPngText(png, 'prompt', toAscii(writeJson(graph)))
}

const noises = new Map<number, Promise<Buffer>>()

/** Noise cannot be compressed, so the picture's area decides its size; a padding chunk adds the rest. */
async function noisePng(sizeBytes: number, index: number): Promise<Buffer> {
  const side = Math.floor(Math.sqrt((sizeBytes - 64 * 1024) / 3))
  let noise = noises.get(side)
  if (!noise) {
    noise = sharp({
      create: {
        width: side,
        height: side,
        channels: 3,
        background: '#808080',
        noise: { type: 'gaussian', mean: 128, sigma: 40 },
      },
    })
      .png({ compressionLevel: 0 })
      .toBuffer()
    noises.set(side, noise)
  }
  return paddedPng(await noise, sizeBytes, index)
}
