import type { RawImage } from '../media/raw-image.ts'

export type ScaleMethod = 'nearest-exact' | 'bilinear' | 'area' | 'bicubic' | 'lanczos'

/** Of each new place: where its old ones begin, how many there are, and their shares. */
type Taps = { readonly starts: Int32Array; readonly count: number; readonly weights: Float32Array }

/** How long pixels may be computed before others have a turn. */
const turnMs = 12

/**
 * A picture at another size, to the pixel what ComfyUI computes: torch's interpolate for the first four methods (half-pixel centres, no
 * smoothing when reducing, but for area), Pillow's Lanczos for the last, which rounds to 8 bits after each direction. Results are cut off to
 * whole values, as saving does. Every so often others have a turn.
 */
export async function resample(
  raw: RawImage,
  width: number,
  height: number,
  method: ScaleMethod,
): Promise<RawImage> {
  const { channels } = raw
  const most = raw.data instanceof Uint16Array ? 0xffff : 0xff
  // Cut off as saving does; the bit more is what single precision may have lost. Pillow rounds.
  const bias = method === 'lanczos' ? 0.5 : 0.002
  const across = tapsOf(raw.width, width, method)
  const down = tapsOf(raw.height, height, method)
  const data =
    most === 0xffff ? new Uint16Array(width * height * channels) : new Uint8Array(width * height * channels)
  const rowLength = width * channels
  const lines = new Map<number, Float32Array>()
  const sum = new Float32Array(rowLength)
  let turn = performance.now()
  for (let y = 0; y < height; y++) {
    const start = down.starts[y] as number
    for (const row of lines.keys()) if (row < start) lines.delete(row)
    sum.fill(0)
    for (let tap = 0; tap < down.count; tap++) {
      const weight = down.weights[y * down.count + tap] as number
      if (weight === 0) continue
      let line = lines.get(start + tap)
      if (!line) {
        line = stretched(raw, start + tap, width, across)
        if (method === 'lanczos') settle(line, line, 0, bias, most)
        lines.set(start + tap, line)
      }
      for (let at = 0; at < rowLength; at++) sum[at] = (sum[at] as number) + weight * (line[at] as number)
    }
    settle(sum, data, y * rowLength, bias, most)
    if (performance.now() - turn > turnMs) {
      await new Promise(resolve => setTimeout(resolve, 0))
      turn = performance.now()
    }
  }
  return { width, height, channels, data }
}

/** Values as whole ones within their range. */
function settle(
  line: Float32Array,
  target: Float32Array | Uint8Array | Uint16Array,
  to: number,
  bias: number,
  most: number,
): void {
  for (let at = 0; at < line.length; at++) {
    const value = (line[at] as number) + bias
    target[to + at] = value < 0 ? 0 : value > most ? most : value | 0
  }
}

/** One row at its new width. */
function stretched(
  { data, width: from, channels }: RawImage,
  row: number,
  width: number,
  taps: Taps,
): Float32Array {
  const line = new Float32Array(width * channels)
  const start = row * from * channels
  const { starts, count, weights } = taps
  for (let x = 0, to = 0; x < width; x++) {
    const first = start + (starts[x] as number) * channels
    const own = x * count
    for (let channel = 0; channel < channels; channel++) {
      let sum = 0
      for (let tap = 0, at = first + channel; tap < count; tap++, at += channels) {
        sum += (weights[own + tap] as number) * (data[at] as number)
      }
      line[to++] = sum
    }
  }
  return line
}

/** Which old places each new one is made of. Places beyond an edge are the edge's; for Lanczos they do not count. */
function tapsOf(from: number, to: number, method: ScaleMethod): Taps {
  const scale = from / to
  const rows: { first: number; weights: number[] }[] = []
  for (let index = 0; index < to; index++) {
    const centre = (index + 0.5) * scale
    if (method === 'nearest-exact') rows.push({ first: Math.min(Math.floor(centre), from - 1), weights: [1] })
    else if (method === 'area') {
      const first = Math.floor((index * from) / to)
      const end = Math.ceil(((index + 1) * from) / to)
      rows.push({ first, weights: Array.from({ length: end - first }, () => 1 / (end - first)) })
    } else if (method === 'lanczos') rows.push(lanczosTaps(centre, scale, from))
    else {
      // torch: bilinear starts at the edge, bicubic may reach beyond it.
      const place = method === 'bilinear' ? Math.max(0, centre - 0.5) : centre - 0.5
      const base = Math.floor(place)
      const part = place - base
      const weights = method === 'bilinear' ? [1 - part, part] : cubic(part)
      rows.push(clamped(base - (weights.length > 2 ? 1 : 0), weights, from))
    }
  }
  return pack(rows, from)
}

/** Weights beyond an edge count for the edge. */
function clamped(
  first: number,
  weights: readonly number[],
  length: number,
): { first: number; weights: number[] } {
  const places = weights.map((_, tap) => Math.max(0, Math.min(length - 1, first + tap)))
  const start = Math.min(...places)
  const joined = new Array<number>(Math.max(...places) - start + 1).fill(0)
  for (const [tap, place] of places.entries()) {
    joined[place - start] = (joined[place - start] as number) + (weights[tap] as number)
  }
  return { first: start, weights: joined }
}

/** Keys' cubic with a = -0.75, as torch has it. */
function cubic(part: number): number[] {
  const a = -0.75
  const near = (x: number) => ((a + 2) * x - (a + 3)) * x * x + 1
  const far = (x: number) => ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
  return [far(part + 1), near(part), near(1 - part), far(2 - part)]
}

/** Pillow's precompute_coeffs with support 3, wider when reducing. */
function lanczosTaps(centre: number, scale: number, length: number): { first: number; weights: number[] } {
  const stretch = Math.max(scale, 1)
  const support = 3 * stretch
  const first = Math.max(0, Math.trunc(centre - support + 0.5))
  const end = Math.min(length, Math.trunc(centre + support + 0.5))
  const weights = Array.from({ length: end - first }, (_, tap) =>
    lanczos((first + tap - centre + 0.5) / stretch),
  )
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return { first, weights: weights.map(weight => weight / total) }
}

function lanczos(x: number): number {
  if (x < -3 || x >= 3) return 0
  const sinc = (value: number) => (value === 0 ? 1 : Math.sin(value * Math.PI) / (value * Math.PI))
  return sinc(x) * sinc(x / 3)
}

/** The same number of taps for every place, all inside the picture: missing ones weigh nothing. */
function pack(rows: readonly { first: number; weights: readonly number[] }[], length: number): Taps {
  const count = Math.min(length, Math.max(...rows.map(({ weights }) => weights.length)))
  const starts = new Int32Array(rows.length)
  const weights = new Float32Array(rows.length * count)
  for (const [index, row] of rows.entries()) {
    const start = Math.min(row.first, length - count)
    starts[index] = start
    weights.set(row.weights, index * count + row.first - start)
  }
  return { starts, count, weights }
}
