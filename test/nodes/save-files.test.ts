import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { SavedFile } from '../../nodes/context.ts'
import { openNodeBench } from '../support/node-bench.ts'
import { nodeOf } from './support.ts'

const namesOf = (outputs: Record<string, unknown>) =>
  (outputs.ui as { files: SavedFile[] }).files.map(({ subfolder, filename }) => `${subfolder}/${filename}`)

describe('RHB_SaveFiles', () => {
  const node = nodeOf('RHB_SaveFiles')

  test('keeps files of every kind in their order, each task in a folder of its own', async () => {
    const bench = await openNodeBench()
    const file = async (name: string, taskId?: string) => ({
      kind: 'file',
      asset: await bench.input(name, name),
      ...(taskId && { taskId }),
    })
    const files = [
      await file('a.abc', '7'),
      await file('b.mp4', '9'),
      await file('c.glb', '7'),
      await file('d.zip'),
    ]
    const outputs = await bench.run(node, { files, filename_prefix: 'RunningHub/%task%/file' })
    expect(namesOf(outputs)).toEqual([
      'RunningHub/7/file_00001.abc',
      'RunningHub/7/file_00002.glb',
      'RunningHub/9/file_00001.mp4',
      'RunningHub/files/file_00001.zip',
    ])
    expect(await readFile(join(bench.folders.output, 'RunningHub/7/file_00002.glb'), 'utf8')).toBe('c.glb')
    expect(outputs.files).toBe(files)
  })
})

describe('RHB_SaveText', () => {
  const node = nodeOf('RHB_SaveText')

  test.each([
    ['txt', 'a poem\n', 'a poem\n'],
    ['md', '# A poem', '# A poem'],
    [
      'json',
      '{"id":1910246754753896450,"x":[1.50]}',
      '{\n  "id": 1910246754753896450,\n  "x": [\n    1.50\n  ]\n}\n',
    ],
    ['json', 'no "JSON"', '"no \\"JSON\\""\n'],
  ])('as .%s', async (format, text, written) => {
    const bench = await openNodeBench()
    const outputs = await bench.run(node, { text, filename_prefix: 'text/x', format })
    const [name] = namesOf(outputs)
    expect(name).toBe(`text/x_00001.${format}`)
    expect(await readFile(join(bench.folders.output, name ?? ''), 'utf8')).toBe(written)
    expect(outputs).toMatchObject({ text, ui: { text: [text] } })
  })
})
