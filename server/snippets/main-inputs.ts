import { type Input, inputsFor, type NodeDefinition } from '../../nodes/define-node.ts'
import { isPromptLink, type Prompt, type PromptNode } from '../shared/prompt.ts'

/** An input people will want to change, and what a program calls it. */
export type MainInput = {
  readonly nodeId: string
  readonly input: string
  readonly value: string | number | bigint | boolean
  /** Lower-case words joined by `_`: free in the graph, and no word of any language a snippet is written in. */
  readonly name: string
  /** For a comment: one line, whatever the title held. */
  readonly label: string
  /** It names a file of the input folder. */
  readonly isFile: boolean
}

export type DefinitionOf = (type: string) => NodeDefinition | undefined

/** More than these would bury what is below them; the rest is changed in the graph itself. */
const most = 12

/**
 * What a graph asks of whoever runs it: texts, media, seeds, values of nodes that hold nothing else, and fields of cloud workflows. Only of
 * nodes that an output needs; never a key, nor what only says how to run.
 */
export function mainInputs(prompt: Prompt, definitionOf: DefinitionOf): readonly MainInput[] {
  const needed = neededNodes(prompt, definitionOf)
  const found = Object.entries(prompt).flatMap(([nodeId, node]) => {
    const definition = needed.has(nodeId) ? definitionOf(node.class_type) : undefined
    return definition ? ofNode(nodeId, node, definition) : []
  })
  const chosen = new Set(found.toSorted((a, b) => a.rank - b.rank).slice(0, most))
  const taken = new Set(reserved)
  return found
    .filter(one => chosen.has(one))
    .map(({ rank: _, words, ...facts }) => {
      const name = freeName(words, typeof facts.value === 'string' ? 'text' : 'value', taken)
      return { ...facts, name }
    })
}

type Found = Omit<MainInput, 'name'> & { readonly rank: number; readonly words: readonly string[] }

function ofNode(nodeId: string, node: PromptNode, definition: NodeDefinition): Found[] {
  const { inputs, _meta } = node
  const all = inputsFor(definition, inputs)
  const isHolder = holdsValues(definition)
  const title = _meta?.title ?? definition.displayName
  const ownTitle = title === definition.displayName ? [] : [title]
  return Object.entries(inputs).flatMap(([input, value]) => {
    const spec = all.get(input)
    if (!spec || spec.secret || spec.inert || typeof value === 'object') return []
    const field = fieldOf(definition, node, input)
    const isFile = spec.files !== undefined
    const rank = rankOf(spec, field ?? input, { isFile, isField: field !== undefined, isHolder })
    if (rank === undefined) return []
    const short = input.split('.').at(-1) ?? input
    const words =
      field !== undefined ? [field, short] : isHolder ? [...ownTitle, short] : [short, ...ownTitle]
    return [
      {
        nodeId,
        input,
        value,
        isFile,
        rank,
        words,
        label: `${oneLine(title)} (${oneLine(`${nodeId}.${input}`)})`,
      },
    ]
  })
}

/** Lower is more likely to be changed; undefined: it is no main input. */
function rankOf(
  spec: Input<unknown>,
  name: string,
  { isFile, isField, isHolder }: { isFile: boolean; isField: boolean; isHolder: boolean },
): number | undefined {
  if (spec.options.multiline || isField) return 0
  if (isFile) return 1
  if (/seed/i.test(name)) return 2
  return isHolder ? 3 : undefined
}

/** The field of a cloud workflow an input stands for: named beside it, or by the input itself (`52.prompt`). */
function fieldOf(
  { infoInputs, inputs }: NodeDefinition,
  node: PromptNode,
  input: string,
): string | undefined {
  if (infoInputs?.value === input) {
    const named = node.inputs[infoInputs.fieldName]
    return typeof named === 'string' ? named : ''
  }
  return inputs.has(input) || !/^\d+(:\d+)*\./.test(input) ? undefined : input.slice(input.indexOf('.') + 1)
}

const plainTypes: ReadonlySet<string> = new Set(['STRING', 'INT', 'FLOAT', 'BOOLEAN'])

/** A node that is nothing but a value or two: no sockets to be fed through, one plain thing comes out. */
function holdsValues({ inputs, outputs, isOutput }: NodeDefinition): boolean {
  const [first, ...others] = outputs
  const isPlain = first !== undefined && others.length === 0 && plainTypes.has(first.type)
  return (
    isPlain &&
    !isOutput &&
    inputs.size > 0 &&
    inputs.size <= 2 &&
    [...inputs.values()].every(({ widget }) => widget)
  )
}

/** Output nodes that are known, and everything upstream of them; all nodes when none is known. */
function neededNodes(prompt: Prompt, definitionOf: DefinitionOf): ReadonlySet<string> {
  const ids = Object.keys(prompt)
  const left = ids.filter(id => definitionOf(prompt[id]?.class_type ?? '')?.isOutput)
  if (left.length === 0) return new Set(ids)
  const needed = new Set<string>()
  for (let id = left.pop(); id !== undefined; id = left.pop()) {
    if (needed.has(id)) continue
    needed.add(id)
    for (const value of Object.values(prompt[id]?.inputs ?? {})) if (isPromptLink(value)) left.push(value[0])
  }
  return needed
}

/** Words of Python and JavaScript, of what snippets are made of, and names that mean something to a shell. */
const reserved: readonly string[] =
  `and as assert async await base break bridge case catch class commands const continue data def default del delete do elif else
  enum error errors except export extends file files finally folder for from function functions global graph id if image_name import in
  input is item items json lambda let list match name new none nonlocal not null open options or outputs pass path print process prompt
  queued raise request result return run run_id server signals status super switch sys this throw time true try type typeof upload uuid
  value values var void while with yield`.split(/\s+/)

function freeName(candidates: readonly string[], kind: string, taken: Set<string>): string {
  const [stem = kind] = candidates.map(asName).filter(name => name !== '')
  const base = reserved.includes(stem) ? `${stem}_${kind}` : stem
  let name = base
  for (let number = 2; taken.has(name); number++) name = `${base}_${number}`
  taken.add(name)
  return name
}

/** `Prompt of node 6` -> `prompt_of_node_6`; nothing when there is no Latin letter to begin with. */
function asName(text: string): string {
  const words = text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(word => word !== '')
  return words
    .slice(0, 4)
    .join('_')
    .replace(/^[0-9_]+/, '')
}

/** Neither the end of a comment nor of a line of any language. */
export function oneLine(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()
  return [...plain].slice(0, 60).join('')
}
