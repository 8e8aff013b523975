import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import type { SavedFile } from '../../nodes/context.ts'
import { writeSafetensors } from '../../nodes/latent/safetensors.ts'
import type { Latent } from '../../nodes/values.ts'
import { openNodeBench } from '../support/node-bench.ts'
import { nodeOf } from './support.ts'

const shape = [1, 4, 1, 1]
const values = Float32Array.of(1, -2, 0.5, 4)
const today = writeSafetensors({
  latent_tensor: { shape, data: values },
  latent_format_version_0: { shape: [0], data: new Float32Array() },
})

/** The numbers of a file that `writeSafetensors` wrote. */
async function numbersOf(path: string): Promise<number[]> {
  const bytes = await readFile(path)
  const start = 8 + Number(bytes.readBigUInt64LE())
  return [0, 1, 2, 3].map(index => bytes.readFloatLE(start + index * 4))
}

describe('LoadLatent', () => {
  test('gives a latent of today as it is', async () => {
    const bench = await openNodeBench()
    const asset = await bench.input('a.latent', today)
    expect(await bench.run(nodeOf('LoadLatent'), { latent: 'a.latent' })).toEqual({
      LATENT: { kind: 'latent', asset },
    })
  })

  test.each([
    ['F32', Buffer.from(values.buffer)],
    ['F16', Buffer.from(Float16Array.from(values).buffer)],
    ['BF16', Buffer.from(Uint16Array.from(new Uint32Array(values.buffer), bits => bits >>> 16).buffer)],
  ])('scales one of %s that names no version', async (dtype, data) => {
    const bench = await openNodeBench()
    const header = JSON.stringify({ latent_tensor: { dtype, shape, data_offsets: [0, data.length] } })
    const length = Buffer.alloc(8)
    length.writeBigUInt64LE(BigInt(header.length))
    await bench.input('old.latent', Buffer.concat([length, Buffer.from(header), data]))
    const { LATENT } = await bench.run(nodeOf('LoadLatent'), { latent: 'old.latent' })
    const numbers = await numbersOf((LATENT as Latent).asset.path)
    numbers.forEach((number, index) => {
      expect(number).toBeCloseTo((values[index] ?? 0) / 0.18215, 3)
    })
  })

  test.each([
    ['empty.latent', Buffer.alloc(0), 'the file is empty'],
    ['text.latent', Buffer.from('this is only some text'), 'it is damaged or no latent'],
    [
      'other.latent',
      writeSafetensors({ weight: { shape: [1], data: Float32Array.of(1) } }),
      'it holds no latent_tensor',
    ],
    ['cut.latent', today.subarray(0, 60), 'it is damaged or no latent'],
  ])('says of %s what is wrong', async (name, bytes, why) => {
    const bench = await openNodeBench()
    await bench.input(name, bytes)
    await expect(bench.run(nodeOf('LoadLatent'), { latent: name })).rejects.toMatchObject({
      code: 'latent-unreadable',
      message: `"${name}" cannot be read as a latent: ${why}`,
    })
  })
})

test('SaveLatent writes the numbers it was given, under ComfyUI’s name', async () => {
  const bench = await openNodeBench()
  const asset = await bench.input('a.latent', today)
  const samples = { kind: 'latent', asset }
  const outputs = await bench.run(nodeOf('SaveLatent'), { samples, filename_prefix: 'latents/x' })
  const [file] = (outputs.ui as { latents: SavedFile[] }).latents
  expect(file).toMatchObject({ filename: 'x_00001_.latent', subfolder: 'latents', type: 'output' })
  expect(await numbersOf(file?.asset.path ?? '')).toEqual([...values])
})
