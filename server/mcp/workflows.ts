import { readdir, readFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import type { NodeDefinition } from '../../nodes/define-node.ts'
import { BridgeError } from '../shared/errors.ts'
import { isPromptLink, type Prompt } from '../shared/prompt.ts'

export type NamedWorkflow = {
  readonly name: string
  readonly from: 'saved' | 'example'
  readonly path: string
}

/** What can be run by name: workflows saved in the editor, then the examples. */
export async function listWorkflows(folders: {
  readonly saved: string
  readonly examples: string
}): Promise<readonly NamedWorkflow[]> {
  const inFolder = async (folder: string, from: NamedWorkflow['from']) => {
    const names = await readdir(folder, { recursive: true }).catch(() => [])
    return names
      .filter(name => extname(name) === '.json' && basename(name) !== 'index.json')
      .sort()
      .map(name => ({ name: name.slice(0, -'.json'.length), from, path: join(folder, name) }))
  }
  const [saved, examples] = await Promise.all([
    inFolder(folders.saved, 'saved'),
    inFolder(folders.examples, 'example'),
  ])
  const own = new Set(saved.map(({ name }) => name))
  return [...saved, ...examples.filter(({ name }) => !own.has(name))]
}

/** The file of a listed workflow. Only names of the list are paths: nothing else is read. Throws BridgeError `bad-workflow-name`. */
export async function readNamed(list: readonly NamedWorkflow[], name: string): Promise<Uint8Array> {
  const found = list.find(workflow => workflow.name === name)
  if (found) return readFile(found.path)
  throw new BridgeError('There is no workflow of that name.', {
    code: 'bad-workflow-name',
    hint: `The names: ${list.map(workflow => workflow.name).join(', ')}.`,
  })
}

/** What of a graph can be set: inputs with a value of their own. Keys are left out. */
export function settableInputs(
  prompt: Prompt,
  definitionOf: (type: string) => NodeDefinition | undefined,
): readonly { node: string; title: string; type: string; inputs: Record<string, unknown> }[] {
  return Object.entries(prompt).flatMap(([node, { class_type: type, inputs, _meta }]) => {
    const definition = definitionOf(type)
    const own = Object.entries(inputs).filter(
      ([name, value]) =>
        !isPromptLink(value) && !(definition?.inputs.get(name)?.secret ?? /key|token/i.test(name)),
    )
    if (own.length === 0) return []
    return [
      { node, title: _meta?.title ?? definition?.displayName ?? type, type, inputs: Object.fromEntries(own) },
    ]
  })
}
