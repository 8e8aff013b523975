import type { NodeType } from './types.ts'

const base = {
  description: '',
  aliases: [],
  sockets: [],
  widgets: [],
  outputs: [],
  isOutput: false,
  isVirtual: true,
  isPlaceholder: false,
} satisfies Partial<NodeType>

const note = { kind: 'textarea', name: 'text', default: '', isOptional: true } as const

/** Nodes that live in the editor only; the server resolves them when it makes the prompt. */
export const virtualTypes: readonly NodeType[] = [
  { ...base, type: 'Note', title: 'Note', category: 'utils', widgets: [note] },
  { ...base, type: 'MarkdownNote', title: 'Markdown Note', category: 'utils', widgets: [note] },
  {
    ...base,
    type: 'PrimitiveNode',
    title: 'Primitive',
    category: 'utils',
    // Its value belongs to the widgets it feeds, of whatever type they are.
    widgets: [
      { kind: 'text', name: 'value', default: '', isOptional: true, keepsType: true },
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
  {
    ...base,
    type: 'Reroute',
    title: 'Reroute',
    category: 'utils',
    sockets: [{ name: '', type: '*', isOptional: true }],
    outputs: [{ name: '', type: '*', isList: false }],
  },
]

export function placeholderType(type: string): NodeType {
  return { ...base, type, title: type, category: '', isVirtual: false, isPlaceholder: true }
}
