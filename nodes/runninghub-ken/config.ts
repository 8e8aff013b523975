import { boolean, defineNode, oneOf, socket, string } from '../define-node.ts'
import { anyField, pack, withParam } from './common.ts'

const defaultUrl = 'https://www.runninghub.cn'

/** Where and what to run (ComfyUI_RH_API: RH_Config). The key leaves this node as a reference, never as text. */
const config = defineNode({
  ...pack,
  type: 'RH_Config',
  displayName: '🌐 RH Config',
  inputs: {
    api_key: string({ default: '' }, { secret: true }),
    workflow_or_app_id: string({ default: '' }),
    base_url: string({ default: defaultUrl }),
    is_ai_app: boolean({ optional: true }),
  },
  outputs: { config: 'RH_CONFIG' },
  migrateWidgets: readOldConfig,
  // Signatures leave keys out: from the cache, the key of another graph would pay.
  cacheForMs: 0,
  // The same graph gives other results with a key than in the sandbox.
  fingerprint: ({ inputs, cloud }) =>
    cloud.siteOf({
      baseUrl: String(inputs.base_url ?? ''),
      apiKey: String(inputs.api_key ?? ''),
      targetId: '',
    }),
  execute: async ({ inputs }) => ({
    config: {
      settings: {
        baseUrl: inputs.base_url.trim() || defaultUrl,
        apiKey: inputs.api_key.trim(),
        targetId: inputs.workflow_or_app_id.trim(),
      },
      isApp: inputs.is_ai_app ?? false,
    },
  }),
})

/** Formerly the address stood before the id: files hold an id, or a placeholder for one, in the third place. */
function readOldConfig(values: readonly unknown[]): readonly unknown[] {
  const [key, second, third, ...rest] = values
  const isUrl = (value: unknown) => /^https?:\/\//i.test(String(value ?? '').trim())
  if (values.length < 3 || isUrl(third) || String(third ?? '').trim() === '') return values
  return [key, third, isUrl(second) ? second : defaultUrl, ...rest]
}

const fields: readonly [string, ...string[]] = [
  'text',
  ...['image', 'video', 'mask', 'seed', 'steps', 'cfg', 'sampler_name', 'scheduler', 'denoise', 'width'],
  ...['height', 'batch_size', 'model', 'vae', 'lora', 'control_net', 'strength', 'scale', 'custom'],
]

/** Adds one field of the cloud workflow to the values to set (ComfyUI_RH_API: RH_Param). */
const param = defineNode({
  ...pack,
  type: 'RH_Param',
  displayName: '⚙️ RH Param',
  inputs: {
    node_id: string({ default: '' }),
    field_name: oneOf(fields, { default: 'text' }),
    field_value: string({ default: '', multiline: true }, { acceptsLinks: ['INT', 'FLOAT', 'BOOLEAN'] }),
    previous_params: socket('RH_PARAMS', { optional: true }),
    custom_field_name: string({ default: '', optional: true }),
  },
  outputs: { params: 'RH_PARAMS' },
  validate: anyField,
  execute: async ({ inputs }) => ({ params: withParam(inputs.previous_params, inputs, inputs.field_value) }),
})

type Ten = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10
const ten: readonly Ten[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
const paramsIn = () => socket('RH_PARAMS', { optional: true })

/** Several sets of params, one for each task of a batch (ComfyUI_RH_API: RH_ParamBundle). */
const paramBundle = defineNode({
  ...pack,
  type: 'RH_ParamBundle',
  displayName: '📦 RH Param Bundle',
  inputs: Object.fromEntries(ten.map(n => [`params_${n}`, paramsIn()])) as Record<
    `params_${Ten}`,
    ReturnType<typeof paramsIn>
  >,
  outputs: { RH_PARAM_BUNDLE: 'RH_PARAM_BUNDLE' },
  execute: async ({ inputs }) => ({
    RH_PARAM_BUNDLE: ten.flatMap(n => {
      const params = inputs[`params_${n}`]
      return params ? [params] : []
    }),
  }),
})

export const configNodes = [config, param, paramBundle]
