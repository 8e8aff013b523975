import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'vitest'
import { cli, onlyJson, openBench } from './support.ts'

const model = (class_name: string, more: object = {}) => ({
  class_name,
  name_en: `${class_name} in English`,
  endpoint: `maker/${class_name.toLowerCase()}/text-to-text`,
  output_type: 'string',
  params: [{ fieldKey: 'prompt', type: 'STRING', required: true }],
  ...more,
})
const registry = {
  version: 'mine-1',
  models: [model('Poem'), { class_name: 'Broken' }, model('RhartVideoLtx23TextToVideo')],
}

describe.concurrent('rh-bridge models', () => {
  test('import tells what came of each entry, list shows it, a run uses it, remove takes it away', async context => {
    const { expect } = context
    const { dataDir, write, runJson } = await openBench(context)
    const file = await write('my registry.json', registry)
    const at = ['--data-dir', dataDir]
    const imported = await cli(['models', 'import', file, ...at])
    expect(imported).toMatchObject({ code: 0, stderr: '' })
    expect(imported.stdout.split('\n')).toEqual([
      'Imported "my-registry": 2 models, 1 new, 1 replaced.',
      '1 entry left out:',
      '  2. Broken: endpoint is missing',
      `A running server has them at once. Kept in ${join(dataDir, 'models', 'my-registry.json')}`,
      '',
    ])
    const { stdout } = await cli(['models', 'list', '--json', ...at])
    expect(onlyJson(stdout)).toMatchObject({
      registries: [{ name: 'shipped' }, { name: 'my-registry', version: 'mine-1', models: 2 }],
      models: expect.arrayContaining([
        {
          type: 'RH_Poem',
          title: 'Poem in English',
          titleZh: 'Poem in English',
          output: 'string',
          category: 'RunningHub',
          endpoint: 'maker/poem/text-to-text',
        },
      ]),
    })
    const prompt = {
      1: { class_type: 'RH_Poem', inputs: { prompt: 'the sea' } },
      2: { class_type: 'PreviewAny', inputs: { source: ['1', 0] } },
    }
    const { report, code } = await runJson(await write('poem.json', prompt))
    expect([code, report.errors]).toEqual([0, []])
    expect(report.outputs[0]?.text).toContain('the sea')
    expect((await cli(['models', 'remove', 'my-registry', ...at])).stdout).toBe('Removed "my-registry".\n')
    expect(existsSync(join(dataDir, 'models', 'my-registry.json'))).toBe(false)
    expect((await cli(['models', 'list', ...at])).stdout).not.toContain('RH_Poem')
  })

  test.for<[string, string[], string]>([
    ['a file that is not there', ['import', '/nowhere.json'], '"/nowhere.json" cannot be read (ENOENT).'],
    ['the shipped registry', ['remove', 'shipped'], 'The shipped registry stays.'],
  ])('%s is told in a sentence with exit code 2', async ([, args, told], context) => {
    const { expect } = context
    const { dataDir } = await openBench(context)
    const { code, stdout, stderr } = await cli(['models', ...args, '--data-dir', dataDir])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(told)
  })
})
