import { defineNode, string } from '../define-node.ts'

/** Where and what to run (ComfyUI_RH_APICall: SettingsNode). The key leaves this node as a reference, never as text. */
export const settings = defineNode({
  type: 'RH_SettingsNode',
  displayName: 'RH Settings',
  category: 'RunningHub',
  module: 'custom_nodes.ComfyUI_RH_APICall',
  aliases: ['SettingsNode'],
  inputs: {
    base_url: string({ default: 'https://www.runninghub.cn' }),
    apiKey: string({ default: '' }, { secret: true }),
    workflowId_webappId: string({ default: '' }),
  },
  outputs: { STRUCT: 'STRUCT' },
  isPure: true,
  migrateWidgets: addMissingBaseUrl,
  // Signatures leave keys out: from the cache, the key of another graph would pay.
  cacheForMs: 0,
  // The same graph gives other results with a key than in the sandbox.
  fingerprint: ({ inputs, cloud }) =>
    cloud.siteOf({
      baseUrl: String(inputs.base_url ?? ''),
      apiKey: String(inputs.apiKey ?? ''),
      targetId: '',
    }),
  execute: async ({ inputs }) => ({
    STRUCT: {
      baseUrl: inputs.base_url.trim(),
      apiKey: inputs.apiKey.trim(),
      targetId: inputs.workflowId_webappId.trim(),
    },
  }),
})

/** The very first version had only `[apiKey, workflowId]`: value 0 is no URL. */
function addMissingBaseUrl(values: readonly unknown[]): readonly unknown[] {
  if (values.length !== 2 || /^https?:\/\//i.test(String(values[0]).trim())) return values
  return ['https://www.runninghub.cn', ...values]
}
