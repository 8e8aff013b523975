import { NodeError } from '../context.ts'
import { defineNode, int, socket, string } from '../define-node.ts'
import { giveResults, taskOutputs } from './task-outputs.ts'

/** Runs an AI app by quick create: with a code such as `006` (RunningHub: quick-ai-app/run). */
const quickCreate = defineNode({
  type: 'RH_QuickCreate',
  displayName: 'RH Quick Create',
  category: 'RunningHub',
  description: 'Runs an AI app by quick create, with its code.',
  isOutput: true,
  inputs: {
    apiConfig: socket('STRUCT'),
    nodeInfoList: socket('ARRAY', { optional: true }),
    quick_create_code: string({ default: '', tooltip: 'Such as 002 or 006, from the page of the app.' }),
    run_timeout: int({ default: 600, min: 1, max: 9999999, optional: true }, { inert: true }),
    concurrency_limit: int({ default: 1, min: 1, max: 100, optional: true }, { inert: true }),
  },
  outputs: taskOutputs,
  validate: {
    quick_create_code: async value =>
      String(value ?? '').trim() === ''
        ? { message: 'There is no quick create code', hint: 'It stands on the page of the app, such as 006.' }
        : undefined,
  },
  execute: async ({ inputs, ...context }) => {
    const result = await context.cloud.runTask(
      {
        settings: inputs.apiConfig,
        kind: 'quick',
        quickCreateCode: inputs.quick_create_code.trim(),
        nodeInfoList: inputs.nodeInfoList ?? [],
        timeoutMs: Number(inputs.run_timeout ?? 600) * 1000,
        concurrency: Number(inputs.concurrency_limit ?? 1),
      },
      context,
    )
    return giveResults(result, context)
  },
})

const styleLifeMs = 3600_000

/** One style of a quick create app's library; its pieces go into node infos. An empty name lists what there is. */
const quickStyle = defineNode({
  type: 'RH_QuickStyle',
  displayName: 'RH Quick Create Style',
  category: 'RunningHub',
  description: 'A style of a quick create app. Without a name it lists the names there are.',
  isOutput: true,
  inputs: { apiConfig: socket('STRUCT'), style: string() },
  outputs: {
    names: 'STRING',
    key: 'STRING',
    content: 'STRING',
    trigger: 'STRING',
    lora1: 'STRING',
    weight1: 'STRING',
    lora2: 'STRING',
    weight2: 'STRING',
  },
  cacheForMs: styleLifeMs,
  execute: async ({ inputs, ...context }) => {
    const styles = await context.cloud.quickStyles(inputs.apiConfig, context)
    const wanted = inputs.style.trim()
    const names = styles.map(({ name }) => name).join('\n')
    const style = styles.find(({ name }) => name === wanted)
    if (!style && wanted !== '') {
      throw new NodeError(`There is no style "${wanted}".`, {
        code: 'no-such-style',
        hint: styles.length > 0 ? `There are: ${names.replaceAll('\n', ', ')}.` : 'This app has no styles.',
      })
    }
    const [first, second] = style?.loras ?? []
    return {
      names,
      key: style?.key ?? '',
      content: style?.content ?? '',
      trigger: style?.trigger ?? '',
      lora1: first?.fileName ?? '',
      weight1: first?.weight ?? '',
      lora2: second?.fileName ?? '',
      weight2: second?.weight ?? '',
      ui: { text: [style ? style.content || style.name : names] },
    }
  },
})

export const quickCreateNodes = [quickCreate, quickStyle]
