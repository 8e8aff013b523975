import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cli, examples, onlyJson, openBench, root } from './support.ts'

const folder = join(root, '../shared/fixtures/workflows')
// These files are not ours to ship: a clone without them has nothing to test here.
const names = existsSync(folder) ? readdirSync(folder).filter(name => name.endsWith('.json')) : []
const picture = join(examples, 'input/harbour.png')
const sound = join(examples, 'input/bell.wav')

describe.skipIf(names.length === 0)('workflow files of others', { concurrent: true }, () => {
  test('are five', () => {
    expect(names).toHaveLength(5)
  })

  test.for(names)('%s is understood', async (name, context) => {
    const { dataDir } = await openBench(context)
    const { code, stdout } = await cli(['validate', join(folder, name), '--data-dir', dataDir, '--json'])
    expect(code).toBe(0)
    expect(onlyJson(stdout)).toMatchObject({ report: { kind: 'workflow-0.4' } })
  })

  test.for<[string, string[], string]>([
    ['rh_text_to_image_webapp.json', [], 'image'],
    ['rh_image_to_image_webapp.json', ['--set', `LoadImage.image=${picture}`], 'image'],
    ['rh_image_to_image.json', ['--set', `LoadImage.image=${picture}`], 'image'],
    ['rh_audio_uploader_tts.json', ['--set', `RH_AudioUploader.audio=${sound}`], 'audio'],
    ['rh_save_video.json', [], 'video'],
  ])('%s runs with our own inputs', async ([name, sets, kind], context) => {
    const { runJson, sandbox } = await openBench(context)
    const { code, report } = await runJson(join(folder, name), sets)
    expect([code, report.errors]).toEqual([0, []])
    expect(report.outputs.flatMap(({ files }) => files.map(file => file.kind))).toContain(kind)
    expect(sandbox.tasks()).toHaveLength(1)
  })
})
