import { defineNode, string } from '../define-node.ts'
import type { RunningHubSettings } from '../values.ts'

/** Where standard models run, and who pays (ComfyUI_RH_OpenAPI: RHSettingsNode). The key leaves this node as a reference, never as text. */
export const modelSettings = defineNode({
  type: 'RHSettingsNode',
  displayName: 'RH OpenAPI Settings',
  category: 'RunningHub',
  module: 'custom_nodes.ComfyUI_RH_OpenAPI',
  isPure: true,
  inputs: {
    base_url: string({ default: 'https://www.runninghub.cn/openapi/v2' }),
    apiKey: string({ default: '' }, { secret: true }),
  },
  outputs: { api_config: 'RH_OPENAPI_CONFIG' },
  // Signatures leave keys out: from the cache, the key of another graph would pay.
  cacheForMs: 0,
  // The same graph gives other results with a key than in the sandbox.
  fingerprint: ({ inputs, cloud }) =>
    cloud.siteOf(settingsOf(String(inputs.base_url ?? ''), String(inputs.apiKey ?? ''))),
  execute: async ({ inputs }) => ({ api_config: settingsOf(inputs.base_url, inputs.apiKey) }),
})

/** What a model runs with when nothing is connected: the environment, the kept keys, the sandbox. */
export const noSettings: RunningHubSettings = { baseUrl: '', apiKey: '', targetId: '' }

function settingsOf(baseUrl: string, apiKey: string): RunningHubSettings {
  return { baseUrl: baseUrl.trim(), apiKey: apiKey.trim(), targetId: '' }
}
