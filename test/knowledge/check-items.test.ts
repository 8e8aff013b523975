import { expect, test } from 'vitest'
import { checkItems, readAppFields, readWorkflowFields } from '../../server/knowledge/index.ts'

const workflow = {
  kind: 'workflow' as const,
  isOpen: false,
  ...readWorkflowFields({
    '3': { class_type: 'KSampler', inputs: { seed: 1, steps: 20, model: ['4', 0] } },
    '4': { class_type: 'Loader', inputs: { name: 'a' } },
    '6': { class_type: 'CLIPTextEncode', inputs: { text: 'a', clip: ['4', 1] }, _meta: { title: 'Prompt' } },
    '7': { class_type: 'LoadImage', inputs: { image: 'a.png' } },
  }),
}
const app = {
  kind: 'app' as const,
  isOpen: false,
  links: {},
  nodes: {},
  fields: readAppFields([
    {
      nodeId: '1',
      fieldName: 'ratio',
      fieldType: 'LIST',
      fieldData: '[{"index":"wide","description":"宽"},{"index":"square","description":"方"}]',
      fieldValue: 'wide',
    },
    {
      nodeId: '2',
      fieldName: 'steps',
      fieldType: 'INT',
      fieldData: '["INT",{"min":1,"max":60}]',
      fieldValue: '20',
    },
    { nodeId: '3', fieldName: 'on', fieldType: 'SWITCH', fieldValue: 'true' },
    { nodeId: '4', fieldName: 'scale', fieldType: 'FLOAT', fieldValue: '1.0' },
  ]),
}
const codes = (description: typeof workflow | typeof app, ...items: [string, string, unknown][]) =>
  checkItems(
    description,
    items.map(([nodeId, fieldName, value]) => ({ nodeId, fieldName, value })),
  )

test('what fits has no problem; a value that comes along a link is not judged', () => {
  expect(
    codes(workflow, ['6', 'text', 'a dog'], ['3', 'seed', '18446744073709551615'], ['3', 'steps', undefined]),
  ).toEqual([])
  expect(codes(app, ['1', 'ratio', 'square'], ['3', 'on', true], ['4', 'scale', '0.5'])).toEqual([])
})

test('an unknown node names those that could be meant, and fixes itself when there is one', () => {
  const [problem] = codes(workflow, ['66', 'text', 'a'])
  expect(problem).toMatchObject({ code: 'cloud-node-unknown', fix: { nodeId: '6' } })
  expect(problem?.hint).toContain('6 (Prompt)')
})

test('a misspelt field names the right one', () => {
  expect(codes(workflow, ['6', 'txt', 'a'])).toMatchObject([
    { code: 'cloud-field-unknown', fix: { fieldName: 'text' } },
  ])
  expect(codes(workflow, ['3', 'stepps', 5])).toMatchObject([{ fix: { fieldName: 'steps' } }])
})

test('a linked field names its source', () => {
  expect(codes(workflow, ['6', 'clip', 'a'])).toMatchObject([
    { code: 'cloud-field-linked', hint: 'Set the value at node 4 instead.' },
  ])
})

test('one field twice', () => {
  expect(codes(workflow, ['6', 'text', 'a'], ['6', 'text', 'b'])).toMatchObject([
    { code: 'cloud-field-twice', index: 1 },
  ])
})

test('a value that is not listed; what people read is turned into what is sent', () => {
  expect(codes(app, ['1', 'ratio', '方'])).toMatchObject([
    { code: 'cloud-value-not-listed', fix: { value: 'square' } },
  ])
  expect(codes(app, ['1', 'ratio', 'wde'])).toMatchObject([{ fix: { value: 'wide' } }])
  expect(codes(app, ['1', 'ratio', 'nothing alike'])[0]?.fix).toBeUndefined()
})

test('wrong types, bounds and empty media', () => {
  expect(codes(app, ['2', 'steps', 'many'], ['3', 'on', 'maybe'], ['4', 'scale', ''])).toMatchObject([
    { code: 'cloud-value-type' },
    { code: 'cloud-value-type' },
    { code: 'cloud-value-type' },
  ])
  expect(codes(app, ['2', 'steps', '61'])).toMatchObject([
    { code: 'cloud-value-bounds', fix: { value: '60' } },
  ])
  expect(codes(workflow, ['7', 'image', ''])).toMatchObject([{ code: 'cloud-value-empty' }])
})

test('a description without fields proves nothing', () => {
  expect(
    codes({ kind: 'workflow', isOpen: false, fields: [], links: {}, nodes: {} }, ['1', 'a', 'b']),
  ).toEqual([])
})

test('where the sandbox stands in for an id it does not know, any node and field will do', () => {
  const items = [
    { nodeId: '99', fieldName: 'whatever', value: 'x' },
    { nodeId: '6', fieldName: 'text', value: 'x' },
  ]
  expect(checkItems({ ...workflow, isOpen: true }, items)).toEqual([])
  expect(checkItems({ ...workflow, isOpen: true }, [...items, ...items])).toMatchObject([
    { code: 'cloud-field-twice' },
    { code: 'cloud-field-twice' },
  ])
})

test('an app may take fields it does not show; only a misspelt one of a shown node is doubted', () => {
  expect(codes(app, ['77', 'seed', '1'], ['2', 'sampler_name', 'euler'])).toEqual([])
  expect(codes(app, ['2', 'step', '5'])).toMatchObject([
    { code: 'cloud-field-unknown', fix: { fieldName: 'steps' } },
  ])
})
