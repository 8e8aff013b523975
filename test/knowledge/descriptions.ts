import type { JsonValue } from '../../server/shared/lossless-json.ts'

/** Written after the forms people meet on the site (RunningHub: fieldType and fieldData; fields of a workflow). */
type Item = { [key: string]: JsonValue }

const item = (
  fieldType: string,
  fieldName: string,
  fieldData: JsonValue,
  fieldValue: JsonValue = '',
): Item => ({
  nodeId: '1',
  nodeName: 'Node',
  fieldName,
  fieldType,
  fieldData,
  fieldValue,
  description: '说明',
  descriptionEn: 'What it is',
})

export const apps: readonly { what: string; items: readonly JsonValue[]; kinds: readonly string[] }[] = [
  {
    what: 'a picture',
    items: [item('IMAGE', 'image', '[["example.png", "keep_this_dic"], {"image_upload": true}]', 'a.jpg')],
    kinds: ['image'],
  },
  { what: 'a picture without data', items: [item('IMAGE', 'image', '')], kinds: ['image'] },
  {
    what: 'an upload whose type is STRING',
    items: [item('STRING', 'image', '[["a.png"], {"image_upload": true}]', 'a.png')],
    kinds: ['image'],
  },
  {
    what: 'a sound',
    items: [item('AUDIO', 'audio', '[["a.mp3"], {"audio_upload": true}]')],
    kinds: ['audio'],
  },
  {
    what: 'a film',
    items: [item('VIDEO', 'video', '[["a.mp4"], {"video_upload": true}]')],
    kinds: ['video'],
  },
  {
    what: 'a long text',
    items: [item('STRING', 'text', '["STRING", {"default": "", "multiline": true}]')],
    kinds: ['text'],
  },
  { what: 'a text without data', items: [item('STRING', 'title', null)], kinds: ['text'] },
  {
    what: 'a text with broken data',
    items: [item('STRING', 'title', '["STRING", {"multi')],
    kinds: ['text'],
  },
  {
    what: 'a number with bounds',
    items: [item('INT', 'steps', '["INT", {"default": 20, "min": 1, "max": 60}]', '20')],
    kinds: ['int'],
  },
  { what: 'a number without data', items: [item('INT', 'count', '', '4')], kinds: ['int'] },
  { what: 'a number whose value is words', items: [item('INT', 'count', '', 'four')], kinds: ['text'] },
  {
    what: 'a seed',
    items: [
      item(
        'INT',
        'seed',
        '["INT", {"default": 0, "min": 0, "max": 18446744073709551615}]',
        '18446744073709551615',
      ),
    ],
    kinds: ['seed'],
  },
  { what: 'a noise seed', items: [item('INT', 'noise_seed', '', '7')], kinds: ['seed'] },
  {
    what: 'a fraction',
    items: [
      item('FLOAT', 'denoise', '["FLOAT", {"default": 1.0, "min": 0.0, "max": 1.0, "step": 0.01}]', '0.6'),
    ],
    kinds: ['float'],
  },
  {
    what: 'a list as ComfyUI writes it',
    items: [item('LIST', 'aspect', '[["1:1", "16:9"], {"default": "1:1"}]', '1:1')],
    kinds: ['options'],
  },
  {
    what: 'a list of named options',
    items: [
      item(
        'LIST',
        'channel',
        '[{"name":"a","index":"1","description":"甲","descriptionEn":"A","fastIndex":1.0},{"name":"b","index":"2","description":"乙","fastIndex":2.0},{"default":"a","description":"忽略"}]',
        '1',
      ),
    ],
    kinds: ['options'],
  },
  {
    what: 'a list as a plain array',
    items: [item('LIST', 'size', '["S", "M", "L"]', 'M')],
    kinds: ['options'],
  },
  { what: 'a list whose data is words', items: [item('LIST', 'size', 'S,M,L', 'M')], kinds: ['text'] },
  { what: 'an empty list', items: [item('LIST', 'size', '[]', 'M')], kinds: ['text'] },
  {
    what: 'a switch',
    items: [
      item('SWITCH', 'on', '', 'true'),
      item('BOOLEAN', 'off', '["BOOLEAN", {"default": false}]', 'false'),
    ],
    kinds: ['toggle', 'toggle'],
  },
  {
    what: 'a switch of numbers',
    items: [
      item(
        'SWITCH',
        'select',
        '[{"name":"first","index":"1","description":"一"},{"name":"second","index":"2","description":"二"}]',
        '2',
      ),
      item('SWITCH', 'select2', '', '2'),
    ],
    kinds: ['options', 'int'],
  },
  {
    what: 'a type nobody knows',
    items: [
      item('HOLOGRAM', 'cube', '{"x": 1}', 'q'),
      item('', 'model', '[["a.safetensors","b.safetensors"]]', 'a.safetensors'),
    ],
    kinds: ['text', 'options'],
  },
  {
    what: 'things that are no fields',
    items: [
      null,
      7,
      'text',
      [],
      {},
      { nodeId: '1' },
      { nodeId: 5, fieldName: 'n', fieldType: 'INT', fieldValue: 3 },
    ],
    kinds: ['int'],
  },
]

const node = (class_type: string, inputs: JsonValue, title?: string): JsonValue => ({
  class_type,
  inputs,
  ...(title !== undefined && { _meta: { title } }),
})

export const graphs: readonly { what: string; graph: JsonValue; fields: Readonly<Record<string, string>> }[] =
  [
    {
      what: 'text to image',
      graph: {
        '10': node('SaveImage', { filename_prefix: 'a', images: ['8', 0] }),
        '3': node('KSampler', {
          seed: 18446744073709551615n,
          steps: 20,
          cfg: 7,
          sampler_name: 'euler',
          denoise: 1,
          model: ['4', 0],
        }),
        '6': node('CLIPTextEncode', { text: 'a cat', clip: ['4', 1] }, 'Prompt'),
      },
      fields: {
        '3.seed': 'seed',
        '3.steps': 'int',
        '3.cfg': 'float',
        '3.sampler_name': 'text',
        '3.denoise': 'float',
        '6.text': 'text',
        '10.filename_prefix': 'text',
      },
    },
    {
      what: 'a picture and its mask',
      graph: { '1': node('LoadImage', { image: 'a.png', upload: 'image' }) },
      fields: { '1.image': 'image', '1.upload': 'text' },
    },
    {
      what: 'sound and film',
      graph: {
        '1': node('LoadAudio', { audio: 'a.mp3' }),
        '2': node('VHS_LoadVideo', { video: 'a.mp4', force_rate: 0 }),
        '3': node('LoadVideo', { file: 'b.mp4' }),
      },
      fields: { '1.audio': 'audio', '2.video': 'video', '2.force_rate': 'int', '3.file': 'video' },
    },
    {
      what: 'subgraph ids and emoji',
      graph: { '57:8': node('easy showAnything|🎈', { text: '一二' }, '标题 🎈') },
      fields: { '57:8.text': 'text' },
    },
    {
      what: 'odd values',
      graph: {
        '1': node('Odd', { a: { __value__: [false, true] }, b: null, c: [1, 2, 3], d: true, e: 0.5, f: '' }),
      },
      fields: { '1.d': 'toggle', '1.e': 'float', '1.f': 'text' },
    },
    {
      what: 'wrapped as saved files are',
      graph: {
        prompt: {
          '1': node('RHLoraLoader', { lora_name: 'a.safetensors', strength_model: 1 }),
          '2': node('LoadImages(zip)', { upload: 'x.zip' }),
        },
      },
      fields: { '1.lora_name': 'lora', '1.strength_model': 'float', '2.upload': 'file' },
    },
    { what: 'no graph at all', graph: [1, 'two', null], fields: {} },
  ]
