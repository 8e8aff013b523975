import sharp from 'sharp'
import { createRandom, hashOf } from '../random.ts'

export type RestyleWish = { source: string; style?: string; prompt: string; seed: string; index: number }

const longestSide = 512

/**
 * An uploaded picture restyled so that it is recognisable and plainly not the same: posterised, and its tones drawn
 * towards a colour, the style picture's average or one of the prompt's.
 */
export async function restylePicture({ source, style, prompt, seed, index }: RestyleWish): Promise<Buffer> {
  const { data, info } = await sharp(source)
    .rotate()
    .resize({ width: longestSide, height: longestSide, fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  const chance = createRandom(hashOf(`${prompt}\0${seed}\0${index}`))
  const light = style === undefined ? colourOf(chance.between(0, 359)) : await averageOf(style)
  const dark = light.map(channel => Math.round(channel * 0.18))
  const levels = 4 + (index % 4) * 2
  const strength = 0.45 + (index % 3) * 0.15
  const tone = (luminance: number, channel: number) => {
    const from = dark[channel] ?? 0
    return luminance < 0.5
      ? from + (((light[channel] ?? 0) - from) * luminance) / 0.5
      : (light[channel] ?? 0) + ((255 - (light[channel] ?? 0)) * (luminance - 0.5)) / 0.5
  }
  const step = info.channels
  for (let at = 0; at < data.length; at += step) {
    const [red = 0, green = 0, blue = 0] = [data[at], data[at + 1] ?? data[at], data[at + 2] ?? data[at]]
    const luminance = Math.round(((0.299 * red + 0.587 * green + 0.114 * blue) / 255) * levels) / levels
    for (let channel = 0; channel < Math.min(3, step); channel++) {
      const own = data[at + channel] ?? 0
      data[at + channel] = own * (1 - strength) + tone(luminance, channel) * strength
    }
  }
  return sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } })
    .png({ compressionLevel: 4 })
    .toBuffer()
}

async function averageOf(file: string): Promise<number[]> {
  const { channels } = await sharp(file).flatten({ background: '#ffffff' }).toColourspace('srgb').stats()
  return [0, 1, 2].map(index => Math.round(channels[index % channels.length]?.mean ?? 128))
}

/** A saturated colour of a hue in degrees. */
function colourOf(hue: number): number[] {
  return [0, 8, 4].map(shift => {
    const k = (shift + hue / 30) % 12
    return Math.round(255 * (0.55 - 0.35 * Math.max(-1, Math.min(k - 3, 9 - k, 1))))
  })
}
