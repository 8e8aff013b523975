import sharp from 'sharp'
import { NodeError } from '../context.ts'
import type { Asset, Image } from '../values.ts'

/** What a look at a picture's header tells. Sizes in pixels, after EXIF rotation. */
export type ImageFacts = {
  readonly width: number
  readonly height: number
  readonly pages: number
  readonly hasAlpha: boolean
}

/** Reads a picture's header. Throws NodeError `image-unreadable` naming the file. */
export async function probeImage(asset: Asset): Promise<ImageFacts> {
  const header = await reading(asset, () => sharp(asset.path, { failOn: 'error' }).metadata())
  return {
    width: header.autoOrient.width,
    height: header.pageHeight ?? header.autoOrient.height,
    pages: header.pages ?? 1,
    hasAlpha: header.hasAlpha,
  }
}

/** One picture, decoded, turned as its EXIF says and written as PNG. */
export async function encodePng(image: Image): Promise<Uint8Array> {
  return reading(image.asset, () =>
    sharp(image.asset.path, { page: image.page ?? 0, failOn: 'error' })
      .autoOrient()
      .png()
      .toBuffer(),
  )
}

async function reading<T>(asset: Asset, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    const why = asset.sizeBytes === 0 ? 'the file is empty' : 'the file is damaged or no picture'
    throw new NodeError(`"${asset.name}" cannot be read as a picture: ${why}`, {
      code: 'image-unreadable',
      hint: 'Open it in a picture viewer; if it does not open there either, choose another file.',
      cause,
    })
  }
}
