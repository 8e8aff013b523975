import type { NodeType } from './types.ts'

const base = {
  description: '',
  aliases: [],
  category: 'utils',
  sockets: [],
  widgets: [],
  outputs: [],
  isOutput: false,
  isVirtual: true,
  isPlaceholder: false,
} satisfies Partial<NodeType>

const anySocket = { name: '', type: '*', isOptional: true }
const anyOutput = { name: '', type: '*', isList: false }
const note = { name: 'text', default: '', isOptional: true } as const

const reroute = { ...base, sockets: [anySocket], outputs: [anyOutput], keepsSlots: true }
const set = {
  ...base,
  sockets: [{ ...anySocket, name: '*' }],
  outputs: [{ ...anyOutput, name: '*' }],
  widgets: [{ kind: 'text', name: 'Constant', default: '', isOptional: true }],
  keepsSlots: true,
} satisfies Partial<NodeType>
const get = {
  ...base,
  outputs: [{ ...anyOutput, name: '*' }],
  widgets: [{ kind: 'set-name', name: 'Constant', default: '', isOptional: true }],
  keepsSlots: true,
} satisfies Partial<NodeType>

/** Nodes that live in the editor only; the server resolves them when it makes the prompt. */
export const virtualTypes: readonly NodeType[] = [
  { ...base, type: 'Note', title: 'Note', widgets: [{ ...note, kind: 'textarea' }] },
  { ...base, type: 'MarkdownNote', title: 'Markdown Note', widgets: [{ ...note, kind: 'markdown' }] },
  {
    ...base,
    type: 'PrimitiveNode',
    title: 'Primitive',
    widgets: [
      // Its value is that of the widgets it feeds, of whatever kind they are.
      { kind: 'primitive', name: 'value', default: '', isOptional: true },
      {
        kind: 'control',
        name: 'control_after_generate',
        controls: 'value',
        default: 'fixed',
        isOptional: true,
      },
    ],
    outputs: [{ name: 'connect to widget input', type: '*', isList: false }],
  },
  { ...reroute, type: 'Reroute', title: 'Reroute' },
  { ...reroute, type: 'Reroute (rgthree)', title: 'Reroute (rgthree)' },
  { ...set, type: 'SetNode', title: 'Set' },
  { ...get, type: 'GetNode', title: 'Get' },
  { ...set, type: 'easy setNode', title: 'Set (easy)' },
  { ...get, type: 'easy getNode', title: 'Get (easy)' },
]

/** What only helps people in front of the graph: labels, and panels that mute others. Nothing is missing when it does not work here. */
const aside = /^(Label|Bookmark|Fast .+|Mute \/ Bypass .+) \(rgthree\)$|^(Anything|Prompts) Everywhere[?3]?$/

/** A type this server does not have: dashed, and kept as it is. */
export function placeholderType(type: string): NodeType {
  return { ...base, type, title: type, category: '', isVirtual: aside.test(type), isPlaceholder: true }
}
