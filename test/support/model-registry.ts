/** How many of each the public registry of April 2026 has (RunningHub: model registry). */
export const publicCounts = {
  output: { video: 174, image: 67, string: 26, audio: 16, '3d': 16 },
  param: { LIST: 522, STRING: 406, IMAGE: 241, BOOLEAN: 224, INT: 166, VIDEO: 43, FLOAT: 37, AUDIO: 15 },
} as const

type Entry = Record<string, unknown> & { endpoint: string; params: Record<string, unknown>[] }

const keys: Readonly<Record<string, readonly string[]>> = {
  STRING: ['prompt', 'negativePrompt', 'voice_id', '12##text', 'style'],
  LIST: ['resolution', 'aspectRatio', 'duration', 'mode', 'size'],
  IMAGE: ['imageUrls', 'firstFrameUrl', 'lastFrameUrl', 'cref'],
  VIDEO: ['videos', 'videoUrl'],
  AUDIO: ['audioUrl'],
  BOOLEAN: ['promptExtend', 'sound', 'enablePbr'],
  INT: ['seed', 'n', 'faceCount'],
  FLOAT: ['cfgScale', 'guidanceScale'],
}
const choices = ['1080p', '720p', '480p', '1080P', 'empty']
const words = '用于生成视频的画面描述，支持中英文，建议包含主体、场景、镜头和光线，数值越大效果越明显。'

/** A registry in the public format, with as many models and parameters of each type as the public one has, or as often again. */
export function publicRegistry(times = 1) {
  const outputs = Object.entries(publicCounts.output).flatMap(([output, count]) =>
    Array<string>(count).fill(output),
  )
  const models = Array.from({ length: times }, (_, round) =>
    outputs.map((output, n) => entryOf(output, n, round)),
  ).flat()
  for (let round = 0; round < times; round++) {
    const own = models.slice(round * outputs.length, (round + 1) * outputs.length)
    let at = 0
    for (const [type, count] of Object.entries(publicCounts.param)) {
      for (let n = 0; n < count; n++) addParam(own[at++ % own.length] as Entry, type)
    }
    markRare(own)
  }
  return { version: 'public-2026-04-29', source: 'models_registry.json', model_count: models.length, models }
}

function entryOf(output: string, n: number, round: number): Entry {
  const name = `Maker${n}${round > 0 ? `R${round}` : ''}To${output === '3d' ? '3d' : output}`
  return {
    class_name: name,
    display_name: `RH 造物 ${n} 生成${output}`,
    name_cn: `造物 ${n} 生成${output}`,
    name_en: `maker-${n}/to-${output}`,
    endpoint: `maker-${n}${round > 0 ? `-r${round}` : ''}/to-${output}`,
    output_type: output,
    category: `RunningHub/Maker ${n % 24}`,
    params: [],
  }
}

function addParam(entry: Entry, type: string): void {
  const nth = entry.params.filter(param => param.type === type).length
  const fieldKey = keys[type]?.[nth] ?? `${type.toLowerCase()}Field${nth}`
  const isMedia = ['IMAGE', 'VIDEO', 'AUDIO'].includes(type)
  entry.params.push({
    fieldKey,
    type,
    required: nth === 0,
    label: fieldKey,
    description: words,
    ...(type === 'LIST' && {
      defaultValue: '720p',
      options: choices.map(value => ({ value, description: `${value}（清晰度）`, descriptionEn: value })),
    }),
    ...(type === 'STRING' && { maxLength: 2048, defaultValue: '一只猫' }),
    ...(type === 'BOOLEAN' && { defaultValue: true }),
    ...(type === 'INT' && { defaultValue: 1, min: 0, max: 2147483647, step: 1 }),
    ...(type === 'FLOAT' && { defaultValue: 0.5, min: 0, max: 1, step: 0.05 }),
    ...(isMedia && { accept: '["JPG","JPEG","PNG","WEBP"]', maxSize: 10 }),
    ...(/Urls$|^videos$/.test(fieldKey) && {
      multipleInputs: true,
      ...(type === 'IMAGE' && { maxInputNum: 4 }),
    }),
  })
}

/** What only a few entries have. */
function markRare(entries: readonly Entry[]): void {
  const withParam = (key: string) =>
    entries.filter(({ params }) => params.some(param => param.fieldKey === key))
  const paramsOf = (type: string) =>
    entries.flatMap(({ params }) => params.filter(param => param.type === type))
  for (const entry of entries.slice(20, 32)) entry.extra_outputs = [{ name: 'last_frame', type: 'IMAGE' }]
  for (const entry of withParam('firstFrameUrl').slice(0, 4)) {
    Object.assign(entry, {
      asset_ids_mode: 'image_to_video',
      real_person_asset_slots: ['first_frame', 'last_frame'],
    })
  }
  for (const entry of entries.slice(0, 6)) entry.real_person_mode_default = true
  for (const param of paramsOf('LIST').slice(0, 26)) param.tail_insert = true
  for (const param of paramsOf('STRING').slice(100, 104)) param.payload_as_list = true
  for (const param of paramsOf('LIST').slice(-2)) {
    param.payload_as_prompt_suffix = {
      target_field: 'prompt',
      skip_values: ['empty'],
      template: ' --ar {value}',
    }
  }
}
