import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readAppFields, readWorkflowFields } from '../../server/knowledge/index.ts'
import { fieldKey } from '../../server/knowledge/types.ts'
import { appIds, findTarget } from '../../server/sandbox/catalogue/index.ts'
import type { JsonValue } from '../../server/shared/lossless-json.ts'
import { apps, graphs } from './descriptions.ts'

const sandboxKinds: Readonly<Record<string, string>> = {
  ...{ IMAGE: 'image', STRING: 'text', LIST: 'options', INT: 'int', FLOAT: 'float' },
}

describe('the fields of an AI app', () => {
  test.each(apps)('$what', ({ items, kinds }) => {
    expect(readAppFields(items).map(field => field.kind)).toEqual(kinds)
  })

  test('bounds are read, a 64-bit one exactly', () => {
    const [steps] = readAppFields(apps.find(app => app.what === 'a number with bounds')?.items ?? [])
    expect(steps).toMatchObject({ min: 1, max: 60, value: '20' })
    const [seed] = readAppFields(apps.find(app => app.what === 'a seed')?.items ?? [])
    expect(seed).toMatchObject({ max: 18446744073709551615n, value: '18446744073709551615' })
  })

  test('of named options people read the description and the index is sent; the default is no option', () => {
    const [channel] = readAppFields(apps.find(app => app.what === 'a list of named options')?.items ?? [])
    expect(channel?.options).toEqual([
      { value: '1', label: { en: 'A', zh: '甲' } },
      { value: '2', label: { en: 'b', zh: '乙' } },
    ])
  })

  test('filler is no option, and a prompt is written in a box', () => {
    const [list] = readAppFields([
      { nodeId: '1', fieldName: 'm', fieldType: 'LIST', fieldData: '[["a","keep_this_dic"]]' },
    ])
    expect(list?.options.map(option => option.value)).toEqual(['a'])
    const [text] = readAppFields(apps.find(app => app.what === 'a long text')?.items ?? [])
    expect(text).toMatchObject({ multiline: true, label: { en: 'What it is', zh: '说明' } })
  })
})

describe('the fields of a cloud workflow', () => {
  test.each(graphs)('$what', ({ graph, fields }) => {
    const found = readWorkflowFields(graph).fields
    expect(
      Object.fromEntries(found.map(field => [`${field.nodeId}.${field.fieldName}`, field.kind])),
    ).toEqual(fields)
  })

  test('linked inputs are told with their source, nodes with their titles, in the order of their numbers', () => {
    const { fields, links, nodes } = readWorkflowFields(graphs[0]?.graph ?? null)
    expect(links).toEqual({ '3.model': '4', '6.clip': '4', '10.images': '8' })
    expect(nodes['6']).toEqual({ classType: 'CLIPTextEncode', title: 'Prompt' })
    expect(fields.map(field => field.nodeId)).toEqual(['3', '3', '3', '3', '3', '6', '10'])
    expect(fields[0]?.value).toBe(18446744073709551615n)
  })
})

test('of 30 descriptions and the sandbox’s at least 95 % of the fields get their widget', () => {
  const pairs = [
    ...apps.map(({ items, kinds }) => [readAppFields(items).map(field => field.kind), kinds] as const),
    ...graphs.map(({ graph, fields }) => {
      const found = new Map(readWorkflowFields(graph).fields.map(field => [fieldKey(field), field.kind]))
      return [Object.keys(fields).map(name => found.get(name)), Object.values(fields)] as const
    }),
    ...appIds.map(id => {
      const target = findTarget(id, 'app', { strict: true })
      const fields = 'appFields' in target ? (target.appFields ?? []) : []
      const kinds = fields.map(({ fieldType }) => sandboxKinds[fieldType])
      return [readAppFields(fields).map(field => field.kind), kinds] as const
    }),
  ]
  expect(apps.length + graphs.length).toBeGreaterThanOrEqual(30)
  expect(pairs.length).toBeGreaterThan(apps.length + graphs.length)
  const judged = pairs.flatMap(([found, kinds]) => kinds.map((kind, at) => found[at] === kind))
  expect(judged.length).toBeGreaterThan(50)
  expect(judged.filter(Boolean).length / judged.length).toBeGreaterThanOrEqual(0.95)
})

test('what is broken falls back to a text field', () => {
  const broken = apps.filter(({ what }) =>
    /broken|nobody knows|is words|value is words|empty list/.test(what),
  )
  expect(broken.length).toBeGreaterThanOrEqual(5)
  for (const { items } of broken) expect(readAppFields(items)[0]?.kind).toBe('text')
})

test('whatever the site answers, nothing crashes and every field is usable', () => {
  const item = fc.dictionary(
    fc.constantFrom('nodeId', 'fieldName', 'fieldType', 'fieldData', 'fieldValue', 'nodeName', 'description'),
    fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('LIST', 'INT', 'SWITCH', '1', 'seed', '[["a"],{}]', '["INT",{"min":"x"}]'),
    ),
  )
  fc.assert(
    fc.property(fc.array(item), items => {
      for (const field of readAppFields(items as JsonValue[])) {
        expect(field.nodeId).not.toBe('')
        expect(field.kind === 'options' ? field.options.length : 1).toBeGreaterThan(0)
      }
    }),
    { numRuns: 300 },
  )
  fc.assert(
    fc.property(fc.jsonValue(), graph => {
      readWorkflowFields(graph as JsonValue)
    }),
  )
})
