import sharp from 'sharp'
import { createRandom, hashOf, type Random } from '../random.ts'

export type PictureWish = {
  prompt: string
  seed: string
  index: number
  width: number
  height: number
  alpha: boolean
}

/** A picture that depends visibly on prompt, seed and number: a sky, hills, a sun, and the prompt written below. */
export async function drawPicture(wish: PictureWish): Promise<Buffer> {
  const picture = sharp(Buffer.from(svgOf(wish)))
  return (wish.alpha ? picture : picture.removeAlpha()).png({ compressionLevel: 4 }).toBuffer()
}

function svgOf({ prompt, seed, index, width, height, alpha }: PictureWish): string {
  // The prompt chooses the colours, the seed and the number the shapes: a batch looks like one family.
  const mood = createRandom(hashOf(prompt))
  const shape = createRandom(hashOf(`${prompt}\0${seed}\0${index}`))
  const hue = mood.between(0, 359)
  const shift = shape.between(-12, 12)
  const colour = (turn: number, saturation: number, lightness: number) =>
    `hsl(${(hue + turn + shift + 360) % 360}, ${saturation}%, ${lightness}%)`
  const sky = alpha
    ? ''
    : `<rect width="${width}" height="${height}" fill="url(#sky)"/>${stars(shape, width, height)}`
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
<defs><linearGradient id="sky" x1="0" y1="0" x2="${shape.next().toFixed(2)}" y2="1">
<stop offset="0" stop-color="${colour(0, 60, 22)}"/><stop offset="0.6" stop-color="${colour(40, 70, 55)}"/>
<stop offset="1" stop-color="${colour(70, 85, 75)}"/></linearGradient>
<radialGradient id="sun"><stop offset="0" stop-color="#fff8e0"/><stop offset="0.4" stop-color="${colour(60, 95, 78)}"/>
<stop offset="1" stop-color="${colour(60, 95, 70)}" stop-opacity="0"/></radialGradient></defs>
${sky}<circle cx="${shape.between(15, 85) * width * 0.01}" cy="${shape.between(20, 50) * height * 0.01}" r="${height * 0.2}" fill="url(#sun)"/>
${[0, 1, 2, 3].map(layer => hill(shape, layer, width, height, colour(180 - layer * 14, 42, 44 - layer * 9))).join('')}
${caption(prompt, seed, index, width, height)}</svg>`
}

function stars(shape: Random, width: number, height: number): string {
  return Array.from({ length: 40 }, () => {
    const radius = (0.4 + shape.next() * 1.4).toFixed(1)
    return `<circle cx="${shape.between(0, width)}" cy="${shape.between(0, Math.floor(height / 2))}" r="${radius}" fill="#fff" opacity="0.7"/>`
  }).join('')
}

function hill(shape: Random, layer: number, width: number, height: number, fill: string): string {
  const base = height * (0.52 + layer * 0.11)
  const swing = height * (0.12 - layer * 0.02)
  const phase = shape.next() * 6.28
  const waves = 1 + shape.next() * 2
  const points = Array.from({ length: 25 }, (_, step) => {
    const y = base + Math.sin(phase + (waves * 6.28 * step) / 24) * swing * (0.5 + shape.next() * 0.1)
    return `${((width * step) / 24).toFixed(1)},${y.toFixed(1)}`
  })
  return `<polygon points="0,${height} ${points.join(' ')} ${width},${height}" fill="${fill}"/>`
}

function caption(prompt: string, seed: string, index: number, width: number, height: number): string {
  const size = Math.max(9, Math.round(width / 28))
  const perLine = Math.max(6, Math.floor(width / (size * 0.62)))
  const characters = [...prompt.replace(/\s+/g, ' ').trim()]
  const lines = [0, 1]
    .map(line => characters.slice(line * perLine, (line + 1) * perLine).join(''))
    .filter(Boolean)
  lines.push(`seed ${seed} · ${index + 1}`)
  return lines
    .map((line, row) => {
      const y = height - (lines.length - row) * size * 1.35 + size * 0.6
      return `<text x="${size}" y="${y.toFixed(0)}" font-family="sans-serif" font-size="${size}" fill="#fff" stroke="#000" stroke-opacity="0.35" stroke-width="2" paint-order="stroke">${escapeXml(line)}</text>`
    })
    .join('')
}

/** Escaped for XML, without the characters XML cannot hold at all (controls and lone surrogates). */
function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\ufffe\uffff]/gu, '')
    .replace(/[&<>"']/g, char => `&#${char.charCodeAt(0)};`)
}
