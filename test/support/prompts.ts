import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { allNodes, createCatalogue } from '../../nodes/index.ts'
import { specialWorkflows } from '../../server/sandbox/index.ts'
import type { JsonValue } from '../../server/shared/lossless-json.ts'
import type { Prompt } from '../../server/shared/prompt.ts'
import { readWorkflow } from '../../server/workflow/index.ts'

/** A workflow of the sandbox with a graph of its own: four pictures. */
export const zImage = '2016195556967714818'

type Inputs = { readonly [name: string]: JsonValue }

export const node = (class_type: string, inputs: Inputs = {}) => ({ class_type, inputs })

let counter = 0
/** A text no other prompt has, so that no cache answers. */
export const fresh = () => `text ${process.pid} ${++counter}`

/** A text and its preview: two local nodes. */
export const textPrompt = (text: string = fresh()): Prompt => ({
  '1': node('PrimitiveString', { value: text }),
  '2': node('PreviewAny', { source: ['1', 0] }),
})

/** One cloud task of a workflow of the sandbox, its pictures saved. */
export const cloudPrompt = (
  workflowId: string,
  options: { apiKey?: string; prefix?: string; text?: string } = {},
): Prompt => ({
  '1': node('RH_SettingsNode', {
    base_url: 'https://www.runninghub.cn',
    apiKey: options.apiKey ?? '',
    workflowId_webappId: workflowId,
  }),
  '2': node('RH_NodeInfoListNode', {
    nodeId: 6,
    fieldName: 'text',
    fieldValue: options.text ?? fresh(),
  }),
  '3': node('RH_ExecuteNode', {
    run_timeout: 600,
    concurrency_limit: 3,
    is_webapp_task: false,
    apiConfig: ['1', 0],
    nodeInfoList: ['2', 0],
  }),
  '4': node('SaveImage', { images: ['3', 0], filename_prefix: options.prefix ?? 'cloud' }),
})

/** Runs for a minute at the sandbox's speed 1: stands for "it is running". */
export const slowPrompt = (): Prompt => cloudPrompt(specialWorkflows.slow.id)
export const failingPrompt = (): Prompt => cloudPrompt(specialWorkflows.fails.id)

/** `count` local nodes in a row behind one text: each starts when the one before has finished. */
export function chainPrompt(count: number, text: string = fresh()): Prompt {
  const prompt: Record<string, Prompt[string]> = { '1': node('PrimitiveString', { value: text }) }
  for (let id = 2; id <= count; id++) prompt[id] = node('PrimitiveString', { value: [String(id - 1), 0] })
  prompt[count] = node('PreviewAny', { source: [String(count - 1), 0] })
  return prompt
}

const examples = fileURLToPath(new URL('../../examples/', import.meta.url))

export const exampleText = (name: string) => readFile(`${examples}${name}.json`, 'utf8')

/** The API form of an example, as "Export (API)" would write it. */
export async function examplePrompt(name: string): Promise<Prompt> {
  return readWorkflow(await exampleText(name), { catalogue: createCatalogue(allNodes) }).prompt
}
