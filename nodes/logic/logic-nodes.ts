import { NodeError } from '../context.ts'
import {
  autogrow,
  boolean,
  defineNode,
  int,
  listOf,
  type NodeDefinition,
  socket,
  string,
} from '../define-node.ts'
import type { SocketType } from '../values.ts'

/** ComfyUI's logic (comfy_extras.nodes_logic), and EasyUse's switches, of which only the chosen branch is run. */
const core = { category: 'utilities/logic', module: 'comfy_extras.nodes_logic' } as const

/** One of two; with only one of them linked, that one. */
const switchNode = defineNode({
  ...core,
  type: 'ComfySwitchNode',
  displayName: 'If/Else Switch',
  description: 'Hands on one of two values. What feeds only the other one is not run.',
  inputs: {
    switch: boolean(),
    on_false: socket('*', { lazy: true, optional: true }),
    on_true: socket('*', { lazy: true, optional: true }),
  },
  outputs: { output: '*' },
  needs: (inputs, linked) => (linked.size < 2 ? [...linked] : [inputs.switch ? 'on_true' : 'on_false']),
  execute: async ({ inputs }) => {
    const chosen = inputs.switch ? 'on_true' : 'on_false'
    const linked = (['on_true', 'on_false'] as const).filter(name => name in inputs)
    const given = linked.length === 1 ? linked[0] : linked.find(name => name === chosen)
    if (given) return { output: inputs[given] }
    throw new NodeError('At least one of on_false or on_true must be connected to Switch node', {
      code: 'switch-empty',
      hint: 'Connect a value to on_true, on_false or both.',
    })
  },
})

const not = defineNode({
  ...core,
  type: 'ComfyNotNode',
  displayName: 'Not',
  description: 'True for false, zero, an empty text and an empty list, as in Python.',
  inputs: { value: socket('*') },
  outputs: { BOOLEAN: 'BOOLEAN' },
  execute: async ({ inputs }) => ({ BOOLEAN: !isTruthy(inputs.value) }),
})

const values = autogrow('*', { item: 'value', prefix: 'value', min: 1, max: 10 })

const and = defineNode({
  ...core,
  type: 'ComfyAndNode',
  displayName: 'And',
  inputs: { values },
  outputs: { BOOLEAN: 'BOOLEAN' },
  execute: async ({ inputs }) => ({ BOOLEAN: Object.values(inputs.values).every(isTruthy) }),
})

const or = defineNode({
  ...core,
  type: 'ComfyOrNode',
  displayName: 'Or',
  inputs: { values },
  outputs: { BOOLEAN: 'BOOLEAN' },
  execute: async ({ inputs }) => ({ BOOLEAN: Object.values(inputs.values).some(isTruthy) }),
})

/** Python's truth. */
function isTruthy(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) {
    return Array.isArray(value) ? value.length > 0 : Object.keys(value).length > 0
  }
  return Boolean(value)
}

/** Several values as one list (ComfyUI: comfy_extras.nodes_toolkit). */
const createList = defineNode({
  type: 'CreateList',
  displayName: 'Create List',
  category: 'utilities',
  module: 'comfy_extras.nodes_toolkit',
  description: 'Puts values in a list. What follows is done once for each.',
  inputIsList: true,
  inputs: { inputs: autogrow('*', { item: 'input', prefix: 'input', min: 1, max: 10 }) },
  outputs: { list: listOf('*') },
  // Each of them is a list here.
  execute: async ({ inputs }) => ({ list: Object.values(inputs.inputs).flat() }),
})

function indexSwitch<const S extends SocketType>(
  type: string,
  displayName: string,
  item: string,
  socketType: S,
) {
  const common = { lazy: true, optional: true } as const
  const input = () =>
    socketType === 'STRING' ? string({ ...common, forceInput: true }) : socket(socketType, common)
  const items = Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`${item}${at}`, input()]))
  return defineNode({
    type,
    displayName,
    category: 'EasyUse/Logic/Index Switch',
    module: 'custom_nodes.ComfyUI-Easy-Use',
    description: 'Hands on the value with that number. What feeds only the others is not run.',
    inputs: { index: int({ min: 0, max: 9, step: 1 }), ...items },
    outputs: { [item]: socketType } as Record<string, SocketType>,
    needs: (inputs, linked) => [`${item}${inputs.index}`].filter(input => linked.has(input)),
    execute: async ({ inputs }) => {
      const chosen = `${item}${inputs.index}`
      if (!(chosen in inputs)) {
        throw new NodeError(`Nothing is connected to "${chosen}", which "index" asks for.`, {
          code: 'switch-empty',
          hint: 'Connect a value to it, or choose another index.',
        })
      }
      return { [item]: (inputs as Record<string, unknown>)[chosen] } as Record<string, never>
    },
  })
}

export const logicNodes: readonly NodeDefinition[] = [
  switchNode,
  not,
  and,
  or,
  createList,
  indexSwitch('easy anythingIndexSwitch', 'Any Index Switch', 'value', '*'),
  indexSwitch('easy textIndexSwitch', 'Text Index Switch', 'text', 'STRING'),
  indexSwitch('easy imageIndexSwitch', 'Image Index Switch', 'image', 'IMAGE'),
]
