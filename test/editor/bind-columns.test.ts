import { expect, test } from 'vitest'
import type { NodeType, WidgetSpec } from '../../editor/node-types/index.ts'
import { batchInputs, guessBindings, knownNames } from '../../editor/state/index.ts'

const type = (name: string, widgets: WidgetSpec[], sockets: string[] = []): NodeType => ({
  type: name,
  title: name,
  category: '',
  description: '',
  aliases: [],
  sockets: sockets.map(socket => ({ name: socket, type: '*', isOptional: true })),
  widgets,
  outputs: [],
  isOutput: false,
  isVirtual: false,
  isPlaceholder: false,
})
const text = (name: string): WidgetSpec => ({ kind: 'textarea', name, isOptional: false, default: '' })
const types = new Map(
  [
    type('Prompt', [text('value')]),
    type('Info', [text('nodeId'), text('fieldName'), text('fieldValue')], ['previous']),
    type('Load', [
      {
        kind: 'file',
        media: 'image',
        hasButton: true,
        name: 'image',
        isOptional: false,
        default: '',
        options: [],
      },
    ]),
    type('Settings', [{ kind: 'key', name: 'apiKey', isOptional: false, default: '' }, text('base_url')]),
    type('Cloud', [text('run_timeout')]),
  ].map(one => [one.type, one]),
)
const prompt = {
  1: { class_type: 'Settings', inputs: { apiKey: 'x', base_url: '' } },
  2: { class_type: 'Prompt', inputs: { value: 'a fox' } },
  3: {
    class_type: 'Info',
    inputs: { nodeId: 6, fieldName: 'text', fieldValue: ['2', 0], previous: ['4', 0] },
  },
  4: { class_type: 'Info', inputs: { nodeId: 3, fieldName: 'seed', fieldValue: '7' } },
  5: { class_type: 'Load', inputs: { image: 'a.png' } },
  6: { class_type: 'Cloud', inputs: { run_timeout: 5, '12.strength': 0.5, list: [1, 2, 3] } },
}
const inputs = batchInputs(
  prompt,
  name => types.get(name),
  (id, name) => (id === '2' ? 'Positive' : name),
)

test('every input a person could type into is offered, links and fields of the cloud too, keys never', () => {
  expect(inputs.map(({ target }) => target)).toEqual([
    '1.base_url',
    '2.value',
    '3.nodeId',
    '3.fieldName',
    '3.fieldValue',
    '4.nodeId',
    '4.fieldName',
    '4.fieldValue',
    '5.image',
    '6.run_timeout',
    '6.12.strength',
    '6.list',
  ])
  expect(inputs.find(({ target }) => target === '3.fieldValue')).toMatchObject({
    value: undefined,
    alias: 'text',
  })
  expect(
    batchInputs(
      undefined,
      () => undefined,
      () => '',
    ),
  ).toEqual([])
})

test('columns go where their names say, in either language, and what is not plain is left alone', () => {
  const guess = (...columns: string[]) => Object.fromEntries(guessBindings(columns, inputs))
  expect(guess('prompt', 'seed', 'image', 'note')).toEqual({
    prompt: '2.value',
    seed: '4.fieldValue',
    image: '5.image',
  })
  expect(guess('提示词', '种子', '图片')).toEqual({
    提示词: '2.value',
    种子: '4.fieldValue',
    图片: '5.image',
  })
  expect(guess('positive', 'strength', '6.run_timeout')).toEqual({
    positive: '2.value',
    strength: '6.12.strength',
    '6.run_timeout': '6.run_timeout',
  })
  // Two nodes have one: that is for a person to say.
  expect(guess('nodeId')).toEqual({})
  // One input takes one column.
  expect(guess('prompt', 'text')).toEqual({ prompt: '2.value' })
  expect([...guessBindings(['prompt'], inputs, new Set(['2.value']))]).toEqual([])
  expect(knownNames(inputs)).toEqual(expect.arrayContaining(['prompt', '12.strength', 'positive']))
})
