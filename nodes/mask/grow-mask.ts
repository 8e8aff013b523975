import type { RawImage } from '../media/raw-image.ts'

/** How long pixels may be computed before others have a turn. */
const turnMs = 12

/**
 * A mask wider by so many pixels, narrower when negative: each step takes the greatest (smallest) of a pixel and its neighbours, the four
 * beside it, or all eight without tapered corners (scipy: grey_dilation). Ends early when nothing changes any more.
 */
export async function grown(
  plane: RawImage,
  steps: number,
  isTapered: boolean,
  signal: AbortSignal,
): Promise<RawImage> {
  const { width, height } = plane
  // To narrow a mask is to widen what is not masked.
  const flip = steps < 0 ? 255 : 0
  let now = Uint8Array.from(plane.data, value => value ^ flip)
  let turn = performance.now()
  for (let step = 0; step < Math.abs(steps); step++) {
    const next = widened(now, width, height, isTapered)
    if (!next) break
    now = next
    if (performance.now() - turn > turnMs) {
      await new Promise(resolve => setTimeout(resolve, 0))
      signal.throwIfAborted()
      turn = performance.now()
    }
  }
  return { width, height, channels: 1, data: flip === 0 ? now : now.map(value => value ^ flip) }
}

/** One step; undefined when it changes nothing. */
function widened(
  data: Uint8Array<ArrayBuffer>,
  width: number,
  height: number,
  isTapered: boolean,
): Uint8Array<ArrayBuffer> | undefined {
  const rows = data.slice()
  for (let y = 0; y < height; y++) {
    for (let x = 0, at = y * width; x < width; x++, at++) {
      let most = data[at] as number
      if (x > 0 && (data[at - 1] as number) > most) most = data[at - 1] as number
      if (x < width - 1 && (data[at + 1] as number) > most) most = data[at + 1] as number
      rows[at] = most
    }
  }
  // With tapered corners the rows above and below count as they were, without as they are now widened.
  const beside = isTapered ? data : rows
  const next = rows.slice()
  let isChanged = false
  for (let at = 0; at < next.length; at++) {
    let most = rows[at] as number
    if (at >= width && (beside[at - width] as number) > most) most = beside[at - width] as number
    if (at + width < next.length && (beside[at + width] as number) > most) most = beside[at + width] as number
    next[at] = most
    isChanged ||= most !== data[at]
  }
  return isChanged ? next : undefined
}
