import type { Input, NodeDefinition } from '../../nodes/define-node.ts'

/** Names of the files in the input folder, for combos that list them. */
export type ListFiles = (kind: NonNullable<Input<unknown>['files']>) => Promise<readonly string[]>

/** One entry of /object_info. Combos are old-style lists: several clients read `spec[0]` as the list (ComfyUI: object_info). */
export async function objectInfo(
  node: NodeDefinition,
  listFiles: ListFiles,
): Promise<Record<string, unknown>> {
  const required: Record<string, unknown> = {}
  const optional: Record<string, unknown> = {}
  for (const [name, input] of node.inputs) {
    if (input.grownFrom !== undefined) {
      const template = node.growing.get(input.grownFrom)?.template
      required[input.grownFrom] = ['COMFY_AUTOGROW_V3', { template }]
      continue
    }
    const group = input.optional ? optional : required
    if (input.choices) {
      group[name] = ['COMFY_DYNAMICCOMBO_V3', { ...options(input), options: choicesOf(input.choices) }]
      continue
    }
    group[name] = [input.files === undefined ? input.spec : await listFiles(input.files), options(input)]
  }
  const hasOptional = Object.keys(optional).length > 0
  return {
    input: { required, ...(hasOptional && { optional }) },
    input_order: { required: Object.keys(required), ...(hasOptional && { optional: Object.keys(optional) }) },
    is_input_list: node.inputIsList,
    output: node.outputs.map(output => output.type),
    output_is_list: node.outputs.map(output => output.isList),
    output_name: node.outputs.map(output => output.name),
    name: node.type,
    display_name: node.displayName,
    description: node.description,
    python_module: node.module,
    category: node.category,
    output_node: node.isOutput,
    ...(node.aliases.length > 0 && { search_aliases: node.aliases }),
    // Ours alone: other editors pass over it.
    ...(node.words && { words: node.words }),
  }
}

/** What each choice brings along, as ComfyUI tells it. */
function choicesOf(choices: NonNullable<Input<unknown>['choices']>) {
  return Object.entries(choices).map(([key, inputs]) => ({
    key,
    inputs: {
      required: Object.fromEntries(
        Object.entries(inputs).map(([name, input]) => [name, [input.spec, options(input)]]),
      ),
    },
  }))
}

function options(input: Input<unknown>): Record<string, unknown> {
  return { ...input.options, ...(input.secret && { secret: true }) }
}
