import { describe, expect, test } from 'vitest'
import { allNodes, createCatalogue } from '../../nodes/index.ts'
import { needsGpu } from '../../server/shared/gpu-nodes.ts'
import { writeJson } from '../../server/shared/lossless-json.ts'
import { readWorkflow } from '../../server/workflow/index.ts'
import { node, workflow } from './support.ts'

const catalogue = createCatalogue(allNodes)
const read = (file: object) => readWorkflow(writeJson(file), { catalogue })

describe('files of ComfyUI with image and text nodes', () => {
  // widgets_values as real files have them (comfyui.md, sections 1.5 and 9).
  test.each<[string, unknown, Record<string, unknown>]>([
    ['LoadImageMask', ['x.png', 'red', 'image'], { image: 'x.png', channel: 'red' }],
    ['LoadImageOutput', ['x.png [output]', false, 'refresh', 'image'], { image: 'x.png [output]' }],
    [
      'ImageCropV2',
      [{ x: 1, y: 2, width: 3, height: 4 }, 1, 2, 3, 4],
      { crop_region: { x: 1, y: 2, width: 3, height: 4 } },
    ],
    ['ImageCropV2', [], { crop_region: { x: 0, y: 0, width: 512, height: 512 } }],
    [
      'ImageScale',
      ['lanczos', 640, 480, 'center'],
      { upscale_method: 'lanczos', width: 640, height: 480, crop: 'center' },
    ],
    ['Seed (rgthree)', [-1, '', '', ''], { seed: -1 }],
    ['easy seed', [7, 'randomize', null], { seed: 7 }],
    ['GR85_ShowText', ['', 'text'], {}],
    ['easy showAnything', [['a', 'b']], {}],
    ['Text Multiline', ['a\nb'], { text: 'a\nb' }],
    ['StringReplace', ['a', 'b', 'c'], { string: 'a', find: 'b', replace: 'c' }],
    ['RegexReplace', ['a', 'b', 'c'], { regex_pattern: 'b', case_insensitive: true, count: 0 }],
    [
      'ResizeImageMaskNode',
      ['scale dimensions', 640, 480, 'center', 'area'],
      {
        ...{ resize_type: 'scale dimensions', 'resize_type.width': 640, 'resize_type.height': 480 },
        ...{ 'resize_type.crop': 'center', scale_method: 'area' },
      },
    ],
    [
      'ResizeImageMaskNode',
      ['match size', 'disabled', 'lanczos'],
      { resize_type: 'match size', 'resize_type.crop': 'disabled', scale_method: 'lanczos' },
    ],
    [
      'ResizeImageMaskNode',
      [],
      { resize_type: 'scale dimensions', 'resize_type.width': 512, scale_method: 'area' },
    ],
    ['SaveAudioAdvanced', ['a', 'flac'], { filename_prefix: 'a', format: 'flac' }],
    ['SaveAudioAdvanced', ['a', 'opus', '64k'], { format: 'opus', 'format.quality': '64k' }],
    ['SaveAudioAdvanced', { format: 'mp3' }, { format: 'mp3', 'format.quality': 'V0' }],
    ['ImageScaleToTotalPixels', ['area', 2], { megapixels: 2, resolution_steps: 1 }],
  ])('%s %j', (type, values, inputs) => {
    const { prompt, report } = read(workflow([node(1, type, { values })]))
    expect(prompt['1']?.inputs).toMatchObject(inputs)
    expect(report.unknown).toEqual([])
  })

  test('links into inputs that grow keep their dotted names', () => {
    const { prompt } = read(
      workflow(
        [
          node(1, 'EmptyImage', { values: [1, 1, 1, 0], outputs: ['IMAGE'] }),
          node(2, 'BatchImagesNode', {
            inputs: [
              ['images.image0', 'IMAGE', 1],
              ['images.image1', 'IMAGE', 2],
              ['images.image2', 'IMAGE'],
            ],
          }),
        ],
        [
          [1, 1, 0, 2, 0, 'IMAGE'],
          [2, 1, 0, 2, 1, 'IMAGE'],
        ],
      ),
    )
    expect(prompt['2']?.inputs).toEqual({ 'images.image0': ['1', 0], 'images.image1': ['1', 0] })
  })
})

describe('nodes that need a GPU', () => {
  test('are told apart from others: by type, and by what their slots carry', () => {
    const sampler = node(2, 'SomePack Sampler', { inputs: [['pipe', 'MODEL']] })
    const file = workflow([node(1, 'VAEDecode'), sampler, node(3, 'SomePack Text')])
    const { report } = read(file)
    expect(report.unknown.map(({ type, needsGpu }) => [type, needsGpu])).toEqual([
      ['VAEDecode', true],
      ['SomePack Sampler', true],
      ['SomePack Text', undefined],
    ])
    const prompt = read({ 1: { class_type: 'KSampler', inputs: {} }, 2: { class_type: 'Other', inputs: {} } })
    expect(prompt.report.unknown.map(({ needsGpu }) => needsGpu)).toEqual([true, undefined])
  })

  test('no node that is here is among them', () => {
    expect(allNodes.map(({ type }) => type).filter(type => needsGpu(type))).toEqual([])
  })
})
