import { kontextRatios, storyboardRatios, storyboardResolutions } from './combos.ts'
import { type ApiGraph, node } from './graph.ts'

/** A field of an AI app as `apiCallDemo` shows it. */
export type AppField = {
  nodeId: string
  nodeName: string
  fieldName: string
  fieldValue: string
  fieldData: string
  fieldType: string
  description: string
  descriptionEn: string
}

export type App = { name: string; fields: AppField[]; graph: ApiGraph }

const uploadData = '[["example.png", "keep_this_dic"], {"image_upload": true}]'

const imageField = (nodeId: string, description: string, descriptionEn: string): AppField => ({
  nodeId,
  nodeName: 'LoadImage',
  fieldName: 'image',
  fieldValue: 'example.png',
  fieldData: uploadData,
  fieldType: 'IMAGE',
  description,
  descriptionEn,
})

const textField = (nodeId: string, description: string, descriptionEn: string, value: string): AppField => ({
  nodeId,
  nodeName: 'Text Multiline',
  fieldName: 'text',
  fieldValue: value,
  fieldData: '["STRING", {"default": "", "multiline": true}]',
  fieldType: 'STRING',
  description,
  descriptionEn,
})

const listField = (nodeId: string, nodeName: string, fieldName: string, values: string[], value: string) =>
  ({
    nodeId,
    nodeName,
    fieldName,
    fieldValue: value,
    fieldData: JSON.stringify([values, { default: value }]),
    fieldType: 'LIST',
  }) as const

const numberField = (
  nodeId: string,
  fieldName: string,
  fieldType: 'INT' | 'FLOAT',
  settings: { default: number; min: number; max: number; step?: number },
) =>
  ({
    nodeId,
    nodeName: 'UltimateSDUpscale',
    fieldName,
    fieldValue: String(settings.default),
    fieldData: JSON.stringify([fieldType, settings]),
    fieldType,
  }) as const

const storyboardImages = ['137', '141', '48', '148', '152', '172', '171', '166', '167', '168']

/** The storyboard app of the documentation: ten reference pictures, two texts, three lists. */
export const storyboardApp: App = {
  name: '九宫格分镜',
  fields: [
    ...storyboardImages.map((nodeId, index) =>
      imageField(nodeId, `参考图${index + 1}`, `Reference ${index + 1}`),
    ),
    textField('161', '提示词', 'Prompt', '写实风格，多角度，多景别，3*3 九宫格'),
    textField('160', '质量风格提示词', 'Quality and style', '8K Ultra HD，电影级打光'),
    {
      ...listField('156', 'RH_Nano_Banana_Pro', 'aspectRatio', storyboardRatios, '4:3'),
      description: '图像比例',
      descriptionEn: 'Aspect ratio',
    },
    {
      ...listField('156', 'RH_Nano_Banana_Pro', 'resolution', storyboardResolutions, '2k'),
      description: '图像分辨率',
      descriptionEn: 'Resolution',
    },
    {
      nodeId: '156',
      nodeName: 'RH_Nano_Banana_Pro',
      fieldName: 'channel',
      fieldValue: 'Third-party',
      fieldData:
        '[{"name":"Third-party","index":"Third-party","description":"第三方","fastIndex":1.0,"descriptionEn":"Third party"},{"name":"Official","index":"Official","description":"官方","fastIndex":2.0,"descriptionEn":"Official"}]',
      fieldType: 'LIST',
      description: '接口选择',
      descriptionEn: 'Channel',
    },
  ],
  graph: {
    ...Object.fromEntries(
      storyboardImages.map((nodeId, index) => [
        nodeId,
        node('LoadImage', `Reference ${index + 1}`, { image: 'example.png' }),
      ]),
    ),
    '161': node('Text Multiline', 'Prompt', { text: '写实风格，多角度，多景别，3*3 九宫格' }),
    '160': node('Text Multiline', 'Quality', { text: '8K Ultra HD，电影级打光' }),
    '156': node('RH_Nano_Banana_Pro', 'Nano Banana Pro', {
      aspectRatio: '4:3',
      resolution: '2k',
      channel: 'Third-party',
      prompt: ['161', 0],
      style: ['160', 0],
      ...Object.fromEntries(storyboardImages.map((nodeId, index) => [`image${index + 1}`, [nodeId, 0]])),
    }),
    '4': node('SaveImage', 'Save Image', { filename_prefix: 'ComfyUI', images: ['156', 0] }),
  },
}

/** Flux Kontext: one picture, an aspect ratio and an instruction. */
export const kontextApp: App = {
  name: 'Flux Kontext 单图编辑',
  fields: [
    imageField('39', '上传图像', 'Upload image'),
    {
      ...listField('37', 'RH_ComfyFluxKontext', 'aspect_ratio', kontextRatios, 'match_input_image'),
      description: '输出比例',
      descriptionEn: 'Aspect ratio',
    },
    {
      nodeId: '52',
      nodeName: 'RH_Translator',
      fieldName: 'prompt',
      fieldValue: '给这个女人的发型变成齐耳短发',
      fieldData: '["STRING", {"multiline": true}]',
      fieldType: 'STRING',
      description: '图像编辑文本输入框',
      descriptionEn: 'Image editing text input box',
    },
  ],
  graph: {
    '39': node('LoadImage', 'Load Image', { image: 'example.png' }),
    '52': node('RH_Translator', 'Translator', { prompt: '给这个女人的发型变成齐耳短发' }),
    '37': node('RH_ComfyFluxKontext', 'Flux Kontext', {
      aspect_ratio: 'match_input_image',
      guidance: 3,
      steps: 28,
      seed: 1937582651,
      prompt: ['52', 0],
      input_image: ['39', 0],
    }),
    '12': node('SaveImage', 'Save Image', { filename_prefix: 'ComfyUI', images: ['37', 0] }),
  },
}

/** Tiled upscaling by numbers with bounds. */
export const upscaleApp: App = {
  name: '图像放大',
  fields: [
    imageField('1', '上传图像', 'Upload image'),
    {
      ...numberField('5', 'upscale_by', 'FLOAT', { default: 2, min: 1, max: 4, step: 0.05 }),
      description: '放大倍数',
      descriptionEn: 'Upscale by',
    },
    {
      ...numberField('5', 'steps', 'INT', { default: 20, min: 1, max: 60 }),
      description: '步数',
      descriptionEn: 'Steps',
    },
  ],
  graph: {
    '1': node('LoadImage', 'Load Image', { image: 'example.png' }),
    '5': node('UltimateSDUpscale', 'Upscale', { upscale_by: 2, steps: 20, image: ['1', 0] }),
    '12': node('SaveImage', 'Save Image', { filename_prefix: 'ComfyUI', images: ['5', 0] }),
  },
}
