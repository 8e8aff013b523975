import { expect, test } from 'vitest'
import { fieldOffers } from '../../editor/node-types/cloud-fields.ts'
import { chainGraph, cloudNodeGraph } from '../../editor/node-types/cloud-graph.ts'
import type { CloudField, NodeType } from '../../editor/node-types/index.ts'
import { shapedType } from '../../editor/node-types/shape.ts'
import { readWidgetValues, writeWidgetValues } from '../../editor/node-types/widget-values.ts'

const field = (kind: string, fieldName: string, more: Partial<CloudField> = {}): CloudField => ({
  ...{ nodeId: '57:8', fieldName, title: 'Sampler', classType: 'KSampler', label: { en: '', zh: '' } },
  ...{ kind, multiline: false, value: '', options: [], ...more },
})
const options = [
  { value: '1', label: { en: 'Wide', zh: '宽' } },
  { value: '2', label: { en: 'Tall', zh: '高' } },
]
const fields = [
  field('text', 'prompt', { multiline: true, value: 'a cat' }),
  field('image', 'image', { value: 'example.png' }),
  field('seed', 'seed', { value: 18446744073709551615n, min: 0 }),
  field('float', 'cfg', { value: '4.5', min: 0, max: 30, step: 0.5 }),
  field('toggle', 'tiled', { value: 'True' }),
  field('options', 'shape', { value: '2', options }),
  field('int', 'steps', { value: 'many' }),
  field('hologram', 'odd', { value: 'x' }),
]
const base = {
  ...{ type: 'RHB_CloudApp', title: 'AI App', category: '', description: '', aliases: [], sockets: [] },
  widgets: ['target', 'fields'].map(name => ({ kind: 'text', name, default: '', isOptional: false })),
  ...{ outputs: [], isOutput: true, isVirtual: false, isPlaceholder: false },
} as NodeType

test('each chosen field is a widget of its kind, and what is not understood is a text', () => {
  const graph = cloudNodeGraph({ kind: 'app', id: '1', name: 'x' }, fields)
  const [node] = graph.nodes as { widgets_values: Record<string, never> }[]
  const type = shapedType(base, node?.widgets_values)
  expect(type.widgets.map(({ kind, name, socketType }) => [name, kind, socketType])).toEqual([
    ['57:8.prompt', 'textarea', 'STRING'],
    ['57:8.image', 'file', 'IMAGE'],
    ['57:8.seed', 'number', 'INT'],
    ['control_after_generate:57:8.seed', 'control', undefined],
    ['57:8.cfg', 'number', 'FLOAT'],
    ['57:8.tiled', 'toggle', 'BOOLEAN'],
    ['57:8.shape', 'combo', 'STRING'],
    ['57:8.steps', 'text', 'STRING'],
    ['57:8.odd', 'text', 'STRING'],
    ['target', 'text', undefined],
    ['fields', 'constant', undefined],
  ])
  // Read and written again nothing has changed; the seed keeps all its digits.
  const values = readWidgetValues(type, node?.widgets_values, 0)
  expect(writeWidgetValues(type, values)).toMatchObject({
    ...{ '57:8.seed': 18446744073709551615n, '57:8.cfg': 4.5, '57:8.tiled': true, '57:8.shape': '2' },
    ...{ target: '1', fields: node?.widgets_values.fields },
  })
})

test('text that is no list of fields leaves the node its own widgets', () => {
  for (const text of ['', 'x', '{}', '[1,null,{"nodeId":"1"}]']) {
    expect(shapedType(base, { fields: text }).widgets.map(({ name }) => name)).toEqual(['target', 'fields'])
  }
})

test('node, field and value are offered as far as they are known', () => {
  const so = { nodeId: '57:8', fieldName: 'shape', language: 'zh' } as const
  expect([...fieldOffers('nodeId', fields, so)]).toEqual([['57:8', '57:8 · Sampler (KSampler)']])
  expect(fieldOffers('fieldName', fields, so).get('prompt')).toBe('prompt · a cat')
  expect([...fieldOffers('fieldValue', fields, so)]).toEqual([
    ['1', '宽'],
    ['2', '高'],
  ])
  expect(fieldOffers('fieldValue', fields, { ...so, fieldName: 'prompt' }).size).toBe(0)
  expect(fieldOffers('fieldName', fields, { ...so, nodeId: '1' }).size).toBe(0)
})

test('what is made of a link stays on its site', () => {
  const graph = chainGraph({ kind: 'workflow', id: '7', name: '' }, 'https://www.runninghub.ai', [])
  const [settings] = graph.nodes as { type: string; widgets_values: unknown[] }[]
  expect(settings).toMatchObject({
    type: 'RH_SettingsNode',
    widgets_values: ['https://www.runninghub.ai', '', '7'],
  })
  const node = cloudNodeGraph({ kind: 'app', id: '7', name: '' }, [], 'https://www.runninghub.ai')
  expect(node.nodes).toMatchObject([
    { inputs: [{ name: 'apiConfig', link: 2 }] },
    {},
    { type: 'RH_SettingsNode', widgets_values: ['https://www.runninghub.ai', '', '7'] },
  ])
})
