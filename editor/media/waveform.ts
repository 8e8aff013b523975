const width = 480
const height = 48
/** Longer sounds would fill the memory once decoded; they play all the same. */
const maxBytes = 40_000_000

/** A sound's loudness over time as a picture with holes, to be used as a mask; undefined when it cannot be read. */
export async function waveformOf(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url)
    if (!response.ok || Number(response.headers.get('content-length') ?? 0) > maxBytes) return undefined
    const bytes = await response.arrayBuffer()
    if (bytes.byteLength > maxBytes) return undefined
    // 8 kHz is plenty for a picture and small in memory.
    const sound = await new OfflineAudioContext(1, 1, 8_000).decodeAudioData(bytes)
    return draw(peaks(sound.getChannelData(0)))
  } catch {
    // Not a sound this browser reads: the player says so itself.
    return undefined
  }
}

function peaks(samples: Float32Array): number[] {
  const bars = width / 3
  const share = Math.max(1, Math.floor(samples.length / bars))
  const found = Array.from({ length: bars }, (_, bar) => {
    let most = 0
    for (let at = bar * share; at < (bar + 1) * share; at++) most = Math.max(most, Math.abs(samples[at] ?? 0))
    return most
  })
  const loudest = Math.max(0.01, ...found)
  return found.map(value => value / loudest)
}

function draw(values: readonly number[]): string {
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const ctx = canvas.getContext('2d')
  for (const [at, value] of values.entries()) {
    const tall = Math.max(2, value * height)
    ctx?.fillRect(at * 3, (height - tall) / 2, 2, tall)
  }
  return canvas.toDataURL()
}
