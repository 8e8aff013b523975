import { deflateSync } from 'node:zlib'
import {
  boolean,
  defineNode,
  float,
  imageFile,
  int,
  type NodeDefinition,
  oneOf,
  socket,
  string,
} from '../../nodes/define-node.ts'
import { BridgeError } from '../../server/shared/errors.ts'
import { writeJson } from '../../server/shared/lossless-json.ts'
import { type Catalogue, type ReadWorkflow, readWorkflow } from '../../server/workflow/index.ts'

const never = async () => {
  throw new Error('nothing is executed here')
}

const definitions: readonly NodeDefinition[] = [
  defineNode({
    type: 'LoadImage',
    displayName: 'Load Image',
    category: 'image',
    inputs: { image: imageFile() },
    outputs: { IMAGE: 'IMAGE', MASK: 'MASK' },
    execute: never,
  }),
  defineNode({
    type: 'SaveImage',
    displayName: 'Save Image',
    category: 'image',
    isOutput: true,
    inputs: { images: socket('IMAGE'), filename_prefix: string({ default: 'ComfyUI' }) },
    outputs: {},
    execute: never,
  }),
  defineNode({
    type: 'ImageInvert',
    displayName: 'Invert Image',
    category: 'image',
    inputs: { image: socket('IMAGE') },
    outputs: { IMAGE: 'IMAGE' },
    execute: never,
  }),
  defineNode({
    type: 'MaskJoin',
    displayName: 'Mask Join',
    category: 'image',
    inputs: { mask: socket('MASK'), image: socket('IMAGE') },
    outputs: { IMAGE: 'IMAGE' },
    execute: never,
  }),
  defineNode({
    type: 'KSampler',
    displayName: 'KSampler',
    category: 'sampling',
    inputs: {
      latent: socket('LATENT'),
      seed: int({ default: 0 }),
      steps: int({ default: 20 }),
      cfg: float({ default: 8 }),
      sampler_name: oneOf(['euler', 'dpm']),
      scheduler: oneOf(['normal', 'karras']),
      denoise: float({ default: 1 }),
    },
    outputs: { LATENT: 'LATENT' },
    execute: never,
  }),
  defineNode({
    type: 'SeededText',
    displayName: 'Seeded Text',
    category: 'text',
    inputs: { seed: int({ default: 0 }), text: string({ default: 'none' }) },
    outputs: { STRING: 'STRING' },
    execute: never,
  }),
  defineNode({
    type: 'ForcedText',
    displayName: 'Forced Text',
    category: 'text',
    inputs: { text: string({ forceInput: true }), upper: boolean() },
    outputs: { STRING: 'STRING' },
    isOutput: true,
    execute: never,
  }),
  defineNode({
    type: 'PrimitiveString',
    displayName: 'String',
    category: 'utilities',
    inputs: { value: string() },
    outputs: { STRING: 'STRING' },
    execute: never,
  }),
  defineNode({
    type: 'PrimitiveInt',
    displayName: 'Int',
    category: 'utilities',
    inputs: { value: int({ control_after_generate: 'fixed' }) },
    outputs: { INT: 'INT' },
    execute: never,
  }),
  defineNode({
    type: 'RH_SettingsNode',
    displayName: 'RH Settings',
    category: 'RunningHub',
    aliases: ['SettingsNode'],
    inputs: {
      base_url: string({ default: 'https://www.runninghub.cn' }),
      apiKey: string({ default: '' }, { secret: true }),
      workflowId_webappId: string({ default: '' }),
    },
    outputs: { STRUCT: 'STRUCT' },
    migrateWidgets: values => (values.length === 2 ? ['https://www.runninghub.cn', ...values] : values),
    execute: never,
  }),
  defineNode({
    type: 'RH_NodeInfoListNode',
    displayName: 'RH Node Info List',
    category: 'RunningHub',
    inputs: {
      previousNodeInfoList: socket('ARRAY', { optional: true }),
      nodeId: int({ default: 0 }),
      fieldName: string(),
      fieldValue: string(),
    },
    outputs: { ARRAY: 'ARRAY' },
    execute: never,
  }),
  defineNode({
    type: 'RH_ImageUploaderNode',
    displayName: 'RH Image Uploader',
    category: 'RunningHub',
    inputs: { apiConfig: socket('STRUCT'), image: socket('IMAGE') },
    outputs: { filename: 'STRING' },
    execute: never,
  }),
  defineNode({
    type: 'RH_AudioUploader',
    displayName: 'RH Audio Uploader',
    category: 'RunningHub',
    inputs: { apiConfig: socket('STRUCT'), audio: string() },
    outputs: { filename: 'STRING' },
    execute: never,
  }),
  defineNode({
    type: 'RH_ExecuteNode',
    displayName: 'RH Execute',
    category: 'RunningHub',
    isOutput: true,
    inputs: {
      apiConfig: socket('STRUCT'),
      nodeInfoList: socket('ARRAY', { optional: true }),
      run_timeout: int({ default: 600, optional: true }),
      concurrency_limit: int({ default: 1, optional: true }),
      is_webapp_task: boolean({ default: false, optional: true }),
      use_rtx4090_48g: boolean({ default: false, optional: true }),
    },
    outputs: {
      images: 'IMAGE',
      video_frames: 'IMAGE',
      latent: 'LATENT',
      text: 'STRING',
      audio: 'AUDIO',
      video1: 'VIDEO',
    },
    formerInputs: { infos: 'nodeInfoList' },
    migrateWidgets: (values, { outputs }) =>
      values.length === 2 && outputs < 5 ? values.slice(0, 1) : values,
    execute: never,
  }),
]

export const catalogue: Catalogue = {
  find(type) {
    const exact = definitions.find(item => item.type === type)
    if (exact) return { definition: exact, alias: false }
    const aliased = definitions.find(item => item.aliases.includes(type))
    return aliased && { definition: aliased, alias: true }
  },
}

/** Reads an object as the JSON file it would be, or a text or bytes as they are. */
export function read(source: object | string): ReadWorkflow {
  const isRaw = typeof source === 'string' || source instanceof Uint8Array
  return readWorkflow(isRaw ? source : writeJson(source), { catalogue })
}

/** The BridgeError a source gives; anything else fails the test. */
export function refusal(source: object | string, maxBytes?: number): BridgeError {
  try {
    const isRaw = typeof source === 'string' || source instanceof Uint8Array
    readWorkflow(isRaw ? source : writeJson(source), {
      catalogue,
      ...(maxBytes !== undefined && { maxBytes }),
    })
  } catch (error) {
    if (error instanceof BridgeError) return error
    throw error
  }
  throw new Error('the source was read')
}

type NodeFields = {
  inputs?: [name: string, type: string, link?: number | null, widget?: 'widget'][]
  outputs?: string[]
  values?: unknown
  [field: string]: unknown
}

/** A stored node; slots in short. */
export function node(id: number | string, type: string, fields: NodeFields = {}): object {
  const { inputs = [], outputs = [], values, ...rest } = fields
  return {
    id,
    type,
    mode: 0,
    inputs: inputs.map(([name, slotType, link = null, widget]) => ({
      name,
      type: slotType,
      link,
      ...(widget && { widget: { name } }),
    })),
    outputs: outputs.map(name => ({ name, type: name, links: [] })),
    ...(values !== undefined && { widgets_values: values }),
    properties: {},
    ...rest,
  }
}

export type ArrayLink = [number, number | string, number, number | string, number, string]

export function workflow(nodes: unknown[], links: unknown[] = [], more: object = {}): object {
  return {
    last_node_id: 99,
    last_link_id: 99,
    nodes,
    links,
    groups: [],
    config: {},
    extra: {},
    version: 0.4,
    ...more,
  }
}

/** A PNG of nothing but the given chunks; checksums are left zero. */
export function png(chunks: [kind: string, data: Uint8Array][]): Uint8Array {
  const parts = [Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])]
  for (const [kind, data] of [
    ['IHDR', new Uint8Array(13)] as const,
    ...chunks,
    ['IEND', new Uint8Array(0)] as const,
  ]) {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(data.length)
    parts.push(length, Buffer.from(kind, 'latin1'), Buffer.from(data), Buffer.alloc(4))
  }
  return new Uint8Array(Buffer.concat(parts))
}

export const textChunk = (keyword: string, text: string): [string, Uint8Array] => [
  'tEXt',
  Buffer.from(`${keyword}\0${text}`),
]
export const packedChunk = (keyword: string, text: string): [string, Uint8Array] => [
  'iTXt',
  Buffer.concat([Buffer.from(`${keyword}\0\x01\0en\0${keyword}\0`), deflateSync(text)]),
]
export const zippedChunk = (keyword: string, text: string): [string, Uint8Array] => [
  'zTXt',
  Buffer.concat([Buffer.from(`${keyword}\0\0`), deflateSync(text)]),
]
