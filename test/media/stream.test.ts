import { expect, test } from 'vitest'
import { measureStream } from '../../scripts/stream/measure.ts'

const mebibyte = 1024 * 1024

test('a big file goes from the cloud to disk, through nodes and up again without being held in memory', async () => {
  const legs = await measureStream(120 * mebibyte)
  expect(legs).toHaveLength(5)
  const peaks = legs.map(({ peakBytes }) => peakBytes)
  expect(Math.max(...peaks) - (peaks[0] ?? 0)).toBeLessThan(100 * mebibyte)
})
