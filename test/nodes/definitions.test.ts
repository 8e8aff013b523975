import { describe, expect, test } from 'vitest'
import type { Input } from '../../nodes/define-node.ts'
import { allNodes, createCatalogue } from '../../nodes/index.ts'
import { virtualNodes } from '../../nodes/virtual.ts'
import type { Row } from './definition-row.ts'
import { mediaRows } from './definitions-media.ts'
import { localRows } from './local-rows.ts'
import { runningHubRows } from './runninghub-rows.ts'
import { nodeOf } from './support.ts'

/** What the references say of each node (runninghub.md section 8, comfyui.md section 9). */
const table: readonly Row[] = [
  ...runningHubRows,
  ...localRows,
  [
    'RH_SettingsNode',
    'RH Settings',
    'base_url:STRING="https://www.runninghub.cn" apiKey:STRING="" workflowId_webappId:STRING=""',
    'STRUCT:STRUCT',
  ],
  [
    'RH_NodeInfoListNode',
    'RH Node Info List',
    'nodeId:INT=0[0..999999] fieldName:STRING="" fieldValue:STRING="" previousNodeInfoList:ARRAY?',
    'ARRAY:ARRAY',
  ],
  [
    'RH_ExecuteNode',
    'RH Execute',
    'apiConfig:STRUCT nodeInfoList:ARRAY? run_timeout:INT?=600[1..9999999] concurrency_limit:INT?=1[1..100] is_webapp_task:BOOLEAN?=false use_rtx4090_48g:BOOLEAN?=false',
    'images:IMAGE video_frames:IMAGE latent:LATENT text:STRING audio:AUDIO video1:VIDEO video2:VIDEO video3:VIDEO video4:VIDEO video5:VIDEO files:FILE texts:STRING[] cost:STRING task_id:STRING',
    'output node',
  ],
  ...[
    ['RHB_CloudWorkflow', 'Cloud Workflow'],
    ['RHB_CloudApp', 'AI App'],
  ].map(
    ([type = '', name = '']): Row => [
      type,
      name,
      'target:STRING="" fields:STRING="[]" apiConfig:STRUCT? run_timeout:INT?=600[1..9999999] concurrency_limit:INT?=1[1..100] use_rtx4090_48g:BOOLEAN?=false',
      'images:IMAGE video_frames:IMAGE latent:LATENT text:STRING audio:AUDIO video1:VIDEO video2:VIDEO video3:VIDEO video4:VIDEO video5:VIDEO files:FILE texts:STRING[] cost:STRING task_id:STRING',
      'output node',
    ],
  ),
  ['RH_ImageUploaderNode', 'RH Image Uploader', 'apiConfig:STRUCT image:IMAGE', 'filename:STRING'],
  ['RH_Utils', 'RH Anything to String', 'anything:*', 'STRING:STRING'],
  ['RH_ExtractImage', 'RH Extract Image From ImageList', 'images:IMAGE image_index:INT=0', 'image:IMAGE'],
  [
    'RH_BatchImages',
    'RH Batch Images From ImageList',
    'images:IMAGE image_indices:STRING="0-3,4,5-7"',
    'image:IMAGE',
  ],
  ['LoadImage', 'Load Image', 'image:COMBO=', 'IMAGE:IMAGE MASK:MASK'],
  ['SaveImage', 'Save Image', 'images:IMAGE filename_prefix:STRING="ComfyUI"', 'images:IMAGE', 'output node'],
  ['PreviewImage', 'Preview Image', 'images:IMAGE', 'images:IMAGE', 'output node'],
  ['PrimitiveString', 'Text String (DEPRECATED)', 'value:STRING=""', 'STRING:STRING'],
  ['PrimitiveStringMultiline', 'Input Text', 'value:STRING=""', 'STRING:STRING'],
  ['PrimitiveInt', 'Int', 'value:INT=0[-9223372036854775807..9223372036854775807]', 'INT:INT'],
  ['PrimitiveFloat', 'Float', 'value:FLOAT=0[-9223372036854776000..9223372036854776000]', 'FLOAT:FLOAT'],
  ['PrimitiveBoolean', 'Boolean', 'value:BOOLEAN=false', 'BOOLEAN:BOOLEAN'],
  ['easy seed', 'EasySeed', 'seed:INT=0[0..1125899906842624]', 'seed:INT'],
  ['PreviewAny', 'Preview as Text', 'source:*', 'STRING:STRING', 'output node'],
  ['ShowText|pysssss', 'Show Text 🐍', 'text:STRING', 'STRING:STRING[]', 'output node'],
  ['GR85_ShowText', 'Show Text', 'text:STRING', 'STRING:STRING[]', 'output node'],
  ...mediaRows,
  [
    'RHSettingsNode',
    'RH OpenAPI Settings',
    'base_url:STRING="https://www.runninghub.cn/openapi/v2" apiKey:STRING=""',
    'api_config:RH_OPENAPI_CONFIG',
  ],
  [
    'RH_SparkVideoAssetCreate',
    'RH SparkVideo Asset Create',
    'image:IMAGE? video:VIDEO? audio:AUDIO? api_config:RH_OPENAPI_CONFIG? skip_error:BOOLEAN?=false',
    'asset_id:STRING status:STRING response:STRING',
    'output node',
  ],
  [
    'RH_SparkVideoAssetQuery',
    'RH SparkVideo Asset Query',
    'asset_id:STRING api_config:RH_OPENAPI_CONFIG? skip_error:BOOLEAN?=false',
    'asset_id:STRING status:STRING preview_url:STRING response:STRING',
    'output node',
  ],
  [
    'RH_SparkVideoAssetIdsMerge',
    'RH SparkVideo Asset Ids Merge',
    'asset_id1:STRING asset_id2:STRING? asset_id3:STRING? asset_id4:STRING? asset_id5:STRING? asset_id6:STRING? asset_id7:STRING? asset_id8:STRING? asset_id9:STRING? asset_id10:STRING?',
    'asset_ids:STRING',
  ],
]

function describeInput([name, input]: readonly [string, Input<unknown>]): string {
  const { min, max } = input.options
  const bounds = min === undefined && max === undefined ? '' : `[${min}..${max}]`
  const value = input.options.default
  const isPlain = typeof value !== 'string' && typeof value !== 'object'
  const shown = isPlain ? String(value ?? '') : JSON.stringify(value)
  const widget = input.widget ? `=${shown}${bounds}` : ''
  const choices = Object.entries(input.choices ?? {}).map(([choice, brought]) =>
    [choice, ...Object.entries(brought).map(describeInput)].join(' '),
  )
  const brought = choices.length === 0 ? '' : `{${choices.join('; ')}}`
  return `${name}:${typeof input.spec === 'string' ? input.spec : 'COMBO'}${input.optional ? '?' : ''}${widget}${brought}`
}

function describeNode(type: string): Row {
  const node = nodeOf(type)
  const growing = [...node.growing].map(([name, { names, min }]) => {
    const { spec } = node.inputs.get(`${name}.${names[0]}`) ?? {}
    return `${name}:${spec}[${min}..${names.length}]`
  })
  const plain = [...node.inputs].filter(([, input]) => input.grownFrom === undefined)
  const inputs = plain.map(describeInput)
  const outputs = node.outputs.map(output => `${output.name}:${output.type}${output.isList ? '[]' : ''}`)
  const row = [type, node.displayName, [...growing, ...inputs].join(' '), outputs.join(' ')] as const
  return node.isOutput ? [...row, 'output node'] : [...row]
}

describe('definitions', () => {
  test.each(table)('%s is "%s", as the reference has it', (...row) => {
    expect(describeNode(row[0])).toEqual(row)
  })

  test('no node is missing in this table', () => {
    expect(allNodes.map(({ type }) => type).sort()).toEqual(table.map(([type]) => type).sort())
  })

  test.each(allNodes.map(node => [node.type, node] as const))('%s says where it belongs', (_type, node) => {
    expect(node.category).not.toBe('')
    expect(node.module).toMatch(/^(nodes|comfy_extras\.\w+|custom_nodes\.[\w-]+)$/)
  })

  test('every cloud node stands in RunningHub’s category', () => {
    for (const node of allNodes.filter(({ type }) => type.startsWith('RH_'))) {
      expect(node.category).toMatch(/^RunningHub(\/|$)/)
    }
  })

  test('only the API key is a secret', () => {
    const secrets = allNodes.flatMap(node =>
      [...node.inputs].filter(([, input]) => input.secret).map(([name]) => `${node.type}.${name}`),
    )
    expect(secrets).toEqual(['RH_SettingsNode.apiKey', 'RH_Config.api_key', 'RHSettingsNode.apiKey'])
  })

  test('options that editors act upon are there', () => {
    const optionsOf = (type: string, name: string) => nodeOf(type).inputs.get(name)?.options
    expect(optionsOf('PrimitiveInt', 'value')?.control_after_generate).toBe('fixed')
    expect(optionsOf('PrimitiveStringMultiline', 'value')?.multiline).toBe(true)
    expect(optionsOf('PrimitiveString', 'value')?.multiline).toBe(false)
    expect(optionsOf('LoadImage', 'image')?.image_upload).toBe(true)
    expect(optionsOf('ShowText|pysssss', 'text')?.forceInput).toBe(true)
  })
})

describe('the catalogue', () => {
  const catalogue = createCatalogue(allNodes)

  test.each([
    ['SettingsNode', 'RH_SettingsNode'],
    ['NodeInfoListNode', 'RH_NodeInfoListNode'],
    ['ExecuteNode', 'RH_ExecuteNode'],
    ['RunningHub Execute Task', 'RH_ExecuteNode'],
    ['RH Execute Node', 'RH_ExecuteNode'],
    ['RH API Call', 'RH_ExecuteNode'],
    ['ImageUploaderNode', 'RH_ImageUploaderNode'],
    ['RH Upload Image', 'RH_ImageUploaderNode'],
    ['AnyToStringNode', 'RH_Utils'],
    ['RH_AnythingToString', 'RH_Utils'],
    ['RH_Extract_Image_From_List', 'RH_ExtractImage'],
    ['RH_Batch_Images_From_List', 'RH_BatchImages'],
    ['StringMultiline', 'PrimitiveStringMultiline'],
  ])('%s, written by mistake, is %s', (alias, type) => {
    expect(catalogue.find(alias)).toMatchObject({ alias: true, definition: { type } })
  })

  test('no name means two nodes', () => {
    const names = allNodes.flatMap(node => [node.type, ...node.aliases])
    expect(new Set([...names, ...virtualNodes.keys()]).size).toBe(names.length + virtualNodes.size)
  })

  test('does not know what every object has', () => {
    for (const name of ['constructor', '__proto__', 'toString', ''])
      expect(catalogue.find(name)).toBeUndefined()
  })
})
