import { describe, expect, test } from 'vitest'
import { createCatalogue } from '../../nodes/index.ts'
import { modelNode, readRegistry, shippedModels } from '../../nodes/models/index.ts'
import { publicCounts, publicRegistry } from '../support/model-registry.ts'

const read = (value: unknown) => {
  const registry = readRegistry(value)
  if ('refusal' in registry) throw new Error(registry.refusal)
  return registry
}
const entry = (more: object = {}) => ({
  class_name: 'MyModel',
  endpoint: 'maker/my-model',
  output_type: 'image',
  params: [{ fieldKey: 'prompt', type: 'STRING', required: true }],
  ...more,
})
const only = (more: object = {}) => {
  const { models, problems } = read([entry(more)])
  expect(problems).toEqual([])
  const [model] = models
  if (!model) throw new Error('no model')
  return model
}

describe('a registry', () => {
  test('of the public size is read without a problem, each entry a node', () => {
    const file = publicRegistry()
    const types = file.models.flatMap(({ params }) => params.map(({ type }) => type as string))
    expect(types).toHaveLength(1654)
    for (const [type, count] of Object.entries(publicCounts.param)) {
      expect(types.filter(other => other === type)).toHaveLength(count)
    }
    const { models, problems, version } = read(JSON.parse(JSON.stringify(file)))
    expect(problems).toEqual([])
    expect(version).toBe('public-2026-04-29')
    expect(models).toHaveLength(299)
    for (const model of models) expect(modelNode(model).outputs).toHaveLength(4)
  })

  test('of five thousand entries is read as well', () => {
    expect(read(publicRegistry(17)).models).toHaveLength(5083)
  })

  test.each([
    ['the file', { models: [entry()] }],
    ['a bare list', [entry()]],
    ['one entry', entry()],
    ['the pack’s own list, with internal names', [entry({ internal_name: 'RH_Given', class_name: 'Other' })]],
  ])('may be %s', (_what, value) => {
    expect(read(value).models).toHaveLength(1)
  })

  test.each([
    ['a price list', { pricing: [] }, 'price list'],
    ['a workflow', { nodes: [] }, 'workflow'],
    ['something else', { a: 1 }, '"models"'],
    ['a text', 'x', 'JSON object'],
    ['nothing', null, 'JSON object'],
  ])('is not %s', (_what, value, told) => {
    expect(readRegistry(value)).toMatchObject({ refusal: expect.stringContaining(told) })
  })

  test('a bad entry is told by its number and name, and takes nothing down with it', () => {
    const { models, problems } = read([
      entry({ class_name: 'First' }),
      entry({ class_name: 'NoParams', params: undefined }),
      'nonsense',
      entry({ class_name: 'BadParam', params: [{ type: 'STRING' }] }),
      entry({ class_name: '', display_name: 'Unnamed' }),
      entry({ class_name: 'Elsewhere', endpoint: '../task/openapi/cancel' }),
      entry({ class_name: 'Family', endpoint: 'query' }),
      entry({ class_name: 'First' }),
      entry({
        class_name: 'Twice',
        params: [
          { fieldKey: 'a', type: 'INT' },
          { fieldKey: 'a', type: 'INT' },
        ],
      }),
      entry({ class_name: 'Own', params: [{ fieldKey: 'skip_error', type: 'BOOLEAN' }] }),
      entry({ class_name: 'Proto', params: [{ fieldKey: '__proto__', type: 'STRING' }] }),
      entry({ class_name: 'Last' }),
    ])
    expect(models.map(({ type }) => type)).toEqual(['RH_First', 'RH_Last'])
    expect(problems.every(({ skipped }) => skipped)).toBe(true)
    expect(problems.map(({ index, name, message }) => [index, name, message])).toEqual([
      [1, 'NoParams', expect.stringContaining('params')],
      [2, 'entry 3', expect.stringContaining('expected object')],
      [3, 'BadParam', expect.stringContaining('params.0.fieldKey')],
      [4, 'maker/my-model', 'it has no class_name'],
      [5, 'Elsewhere', '"../task/openapi/cancel" is no path of a model'],
      [6, 'Family', '"query" is no path of a model'],
      [7, 'RH_First', 'the type RH_First stands in the file twice'],
      [8, 'Twice', 'two inputs would be called "a"'],
      [9, 'Own', '"skip_error" is an input every model node has'],
      [10, 'Proto', '"__proto__" is no name of an input'],
    ])
  })

  test('what cannot be understood of a usable entry is a note', () => {
    const { models, problems } = read([
      entry({
        output_type: 'hologram',
        asset_ids_mode: 'someday',
        params: [{ fieldKey: 'shape', type: 'JSON', required: false }],
      }),
    ])
    expect(models).toHaveLength(1)
    expect(problems.map(({ skipped }) => skipped)).toEqual([false, false, false])
  })

  test.each([
    'maker/my-model',
    '/maker/my-model/',
    '/openapi/v2/maker/my-model',
    'https://www.runninghub.cn/openapi/v2/maker/my-model',
  ])('the endpoint %s is the path', endpoint => {
    expect(only({ endpoint }).endpoint).toBe('maker/my-model')
  })
})

describe('the shipped models', () => {
  test('are a few of every medium, with names and explanations in both languages', () => {
    const models = shippedModels()
    expect(new Set(models.map(({ output }) => output))).toEqual(
      new Set(['image', 'video', 'audio', '3d', 'string']),
    )
    expect(models.map(({ endpoint }) => endpoint)).toContain('rhart-video/ltx-2.3/text-to-video')
    for (const { names, params } of models) {
      expect(names.zh).toMatch(/[\u4e00-\u9fff]/)
      expect(names.en).toMatch(/^[\x20-\x7e]+$/)
      for (const { description, descriptionEn } of params) {
        expect(description).toMatch(/[\u4e00-\u9fff]/)
        expect(descriptionEn).toMatch(/^[\x20-\x7e]+$/)
      }
    }
  })
})

describe('the catalogue', () => {
  test('finds models besides its own nodes, which stay', () => {
    const own = modelNode(only({ class_name: 'Own' }))
    const models = [
      only({ internal_name: 'RH_Own', endpoint: 'other/one' }),
      only(),
      only({ internal_name: 'Note' }),
    ]
    const catalogue = createCatalogue([own], () => models)
    expect(catalogue.find('RH_Own')?.definition).toBe(own)
    expect(catalogue.find('RH_MyModel')?.definition.displayName).toBe('RH_MyModel')
    expect(catalogue.find('RH_MyModel')?.definition).toBe(catalogue.find('RH_MyModel')?.definition)
    expect(catalogue.find('RH_Nobody')).toBeUndefined()
    expect(catalogue.models().map(({ type }) => type)).toEqual(['RH_MyModel'])
  })

  test('reads no registry while only its own nodes are asked for', () => {
    let asked = 0
    const catalogue = createCatalogue([modelNode(only())], () => {
      asked++
      return []
    })
    catalogue.find('RH_MyModel')
    expect(asked).toBe(0)
    catalogue.find('RH_Other')
    catalogue.find('RH_Another')
    expect(asked).toBe(1)
  })
})
