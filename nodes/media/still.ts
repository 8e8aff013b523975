import sharp from 'sharp'
import type { Asset } from '../values.ts'
import { decode, type RawImage } from './raw-image.ts'
import { remembered } from './remember.ts'
import { unreadable } from './unreadable.ts'

/** What a look at a picture's header tells. Sizes in pixels, after EXIF rotation. */
export type ImageFacts = {
  readonly width: number
  readonly height: number
  readonly pages: number
  readonly hasAlpha: boolean
  /** More than 8 bits a value. */
  readonly isDeep: boolean
  /** How long each page of an animation is shown, in seconds. */
  readonly delays: readonly number[]
}

/** Reads a picture's header. Throws NodeError `image-unreadable` naming the file. */
export const probeImage = remembered(async (asset: Asset): Promise<ImageFacts> => {
  const header = await reading(asset, () => sharp(asset.path, { failOn: 'error' }).metadata())
  return {
    width: header.autoOrient.width,
    height: header.pageHeight ?? header.autoOrient.height,
    pages: header.pages ?? 1,
    hasAlpha: header.hasAlpha,
    isDeep: header.depth !== 'uchar',
    delays: (header.delay ?? []).map(ms => Math.max(ms, 10) / 1000),
  }
})

/** Decodes one picture: turned as its EXIF says, any colour space to sRGB, 16 bits a value kept. */
export async function decodeStill(asset: Asset, page = 0): Promise<RawImage> {
  const { isDeep } = await probeImage(asset)
  return reading(asset, () =>
    decode(sharp(asset.path, { page, failOn: 'error' }).autoOrient(), { keep16: isDeep }),
  )
}

/** How many bytes of an animation are decoded at a time. */
const groupBytes = 64 * 1024 * 1024

/**
 * Decodes pages of an animation, which can only be read from the start: neighbours in groups, in the order wanted. A page is decoded
 * once as long as the next wanted one lies in the same group.
 */
export async function* decodePages(asset: Asset, wanted: readonly number[]): AsyncGenerator<RawImage> {
  const { width, height, pages } = await probeImage(asset)
  const size = Math.max(1, Math.floor(groupBytes / (width * height * 4)))
  let first = -1
  let group: readonly RawImage[] = []
  for (const page of wanted) {
    const start = Math.floor(page / size) * size
    if (start !== first) {
      group = await decodeGroup(asset, start, Math.min(size, pages - start), height)
      first = start
    }
    const picture = group[page - start]
    if (!picture) throw unreadable(asset, 'picture', undefined, `it has no page ${page}, only ${pages}`)
    yield picture
  }
}

async function decodeGroup(
  asset: Asset,
  page: number,
  pages: number,
  height: number,
): Promise<readonly RawImage[]> {
  if (pages < 1) return []
  const tall = await reading(asset, () => decode(sharp(asset.path, { page, pages, failOn: 'error' })))
  const bytes = tall.width * height * tall.channels
  return Array.from({ length: pages }, (_, index) => ({
    width: tall.width,
    height,
    channels: tall.channels,
    data: tall.data.subarray(index * bytes, (index + 1) * bytes),
  }))
}

async function reading<T>(asset: Asset, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    throw unreadable(asset, 'picture', cause)
  }
}
