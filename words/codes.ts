import type { Language } from './language.ts'

/** What people read in either language. */
type Words = { readonly en: string; readonly zh: string }

/** A RunningHub code in people's words: what happened, what to do now, and where. */
export type CodeWords = {
  readonly cause: Words
  readonly step: Words
  /** The page where the step is taken, or where RunningHub explains it. */
  readonly link: Words
}

/** Chinese readers are at home on the .cn site, all others on .ai; whoever knows the site of a key says it better. */
const sites: Words = { en: 'https://www.runninghub.ai', zh: 'https://www.runninghub.cn' }
const page = (path: string): Words => ({ en: `${sites.en}/${path}`, zh: `${sites.zh}/${path}` })
const links = {
  /** RunningHub's API documentation, which holds its list of error codes. */
  docs: { en: `${sites.en}/runninghub-api-doc-en/`, zh: `${sites.zh}/runninghub-api-doc-cn/` },
  keys: page('enterprise-api/sharedApi'),
  topUp: page('vip-rights/4'),
  /** What the account called: a paid task that nobody knows here stands there. */
  tasks: page('call-api/call-record'),
} satisfies Record<string, Words>

const steps = {
  checkKey: [
    'Check the API key, and whether it belongs to this site (.cn and .ai have separate keys).',
    '请检查 API 密钥，并确认它属于此站点（.cn 与 .ai 的密钥互不通用）。',
  ],
  later: [
    'Try again later; if it stays, ask RunningHub support.',
    '请稍后再试；若一直如此，请联系 RunningHub 客服。',
  ],
  lookFirst: [
    'Look at the task list on the RunningHub site before running again: a paid task may exist.',
    '再次运行前请先查看 RunningHub 网站的任务列表：可能已产生付费任务。',
  ],
  ours: ['This is a fault of rh-bridge: please report it.', '这是 rh-bridge 的缺陷，请反馈。'],
  topUp: ['Top up the account on RunningHub.', '请在 RunningHub 充值。'],
  slot: ['Waiting for a slot; nothing has been charged.', '正在等待空位，尚未产生费用。'],
  calm: ['Waiting; nothing has been charged.', '正在等待，尚未产生费用。'],
  wait: ['Waiting for it.', '正在等待。'],
  plainSite: [
    'Check base_url: it should be the plain site, such as https://www.runninghub.cn.',
    '请检查 base_url，应为站点地址，例如 https://www.runninghub.cn。',
  ],
  compare: [
    'Compare nodeId and fieldName with the workflow on RunningHub.',
    '请与 RunningHub 上的工作流核对 nodeId 与 fieldName。',
  ],
  otherKey: ['Was it made with another key or on the other site?', '是否用另一密钥或在另一站点创建？'],
} satisfies Record<string, readonly [string, string]>

type Row = readonly [
  code: number,
  cause: string,
  causeZh: string,
  step: keyof typeof steps | readonly [string, string],
  link?: keyof typeof links,
]

const rows: readonly Row[] = [
  [-1, 'the upload gateway refused the key', '上传网关拒绝了此密钥', 'checkKey', 'keys'],
  [
    301,
    'a field is missing or has the wrong type',
    '缺少字段或字段类型错误',
    ['Check the workflow id and the node infos.', '请检查工作流 ID 与节点信息。'],
  ],
  [
    380,
    'there is no such workflow on this site',
    '此站点没有该工作流',
    [
      'Check the id: a digit lost, the other site, or an AI app instead of a workflow?',
      '请检查 ID：是否少了数字、属于另一站点，或其实是 AI 应用？',
    ],
  ],
  [401, 'the API key is unknown', 'API 密钥无法识别', 'checkKey', 'keys'],
  [412, 'the address of the call is wrong', '调用地址错误', 'plainSite'],
  [
    415,
    'all machines of this exclusive key are busy',
    '此独占密钥的机器均在使用',
    ['Waiting for a machine; nothing has been charged.', '正在等待机器，尚未产生费用。'],
  ],
  [416, 'the balance is too low', '余额不足', 'topUp', 'topUp'],
  [421, 'all slots of this key are busy', '此密钥的并发已满', 'slot', 'tasks'],
  [423, 'there is no such task', '没有该任务', ['There is nothing to cancel.', '无需取消。'], 'tasks'],
  [
    433,
    'the cloud workflow did not pass its check',
    '云端工作流未通过校验',
    ['Check the values sent to the nodes it names.', '请检查发送给所列节点的值。'],
  ],
  [
    435,
    'this exclusive key has no machine of that size',
    '此独占密钥没有该规格的机器',
    [
      'Change use_rtx4090_48g: 48 GB machines need it on, 24 GB ones off.',
      '请调整 use_rtx4090_48g：48 GB 机器需打开，24 GB 机器需关闭。',
    ],
  ],
  [
    436,
    'the exclusive service has expired',
    '独占服务已到期',
    ['Renew it on RunningHub.', '请在 RunningHub 续费。'],
    'topUp',
  ],
  [500, 'RunningHub had an internal fault', 'RunningHub 内部故障', 'lookFirst', 'tasks'],
  [
    801,
    'free accounts cannot use the API',
    '免费账户不能使用 API',
    ['A basic membership or above is needed.', '需要基础会员或以上。'],
    'topUp',
  ],
  [802, 'the API key is wrong or disabled', 'API 密钥错误或已停用', 'checkKey', 'keys'],
  [
    803,
    'a node id or field name does not exist in the cloud workflow',
    '云端工作流中没有该节点或字段',
    'compare',
  ],
  [804, 'the task is running', '任务正在运行', 'wait', 'tasks'],
  [
    805,
    'the task failed or was cancelled',
    '任务失败或已取消',
    ['Read the cause; then change the input or run again.', '请查看原因，修改输入后重新运行。'],
    'tasks',
  ],
  [806, 'the API key belongs to no user', 'API 密钥不属于任何用户', 'checkKey', 'keys'],
  [807, 'there is no such task for this key', '此密钥下没有该任务', 'otherKey', 'tasks'],
  [808, 'RunningHub could not store the file', 'RunningHub 未能保存文件', 'later'],
  [
    809,
    'the file is too big (30 MB at most)',
    '文件过大（上限 30 MB）',
    [
      'Make it smaller, or put a public URL into the loader of the cloud workflow.',
      '请缩小文件，或在云端工作流的加载节点中填写公开网址。',
    ],
  ],
  [
    810,
    'the workflow was never saved or never run on the site',
    '该工作流从未在网站上保存或运行过',
    [
      'Open the workflow on RunningHub, save it and run it there once. Then it can be called from here.',
      '请先在 RunningHub 网页端打开该工作流，保存并成功运行一次，之后即可在此调用。',
    ],
  ],
  [811, 'the enterprise key is wrong', '企业密钥错误', 'checkKey', 'keys'],
  [812, 'the enterprise balance is used up', '企业余额已用完', 'topUp', 'topUp'],
  [813, 'the task is queued', '任务正在排队', 'wait', 'tasks'],
  [
    814,
    'the personal queue is full (1000 tasks)',
    '个人队列已满（1000 个任务）',
    ['Waiting until some have ended.', '正在等待部分任务结束。'],
    'tasks',
  ],
  [
    901,
    'there is no such AI app',
    '没有该 AI 应用',
    [
      'Check the id: a digit lost, the other site, or a workflow instead of an AI app?',
      '请检查 ID：是否少了数字、属于另一站点，或其实是工作流？',
    ],
  ],
  [1000, 'RunningHub had an unknown error', 'RunningHub 发生未知错误', 'lookFirst', 'tasks'],
  [1001, 'the address of the call is wrong', '调用地址错误', 'plainSite'],
  [1002, 'the API key is wrong', 'API 密钥错误', 'checkKey', 'keys'],
  [1003, 'too many calls at once', '调用过于频繁', 'calm'],
  [1004, 'there is no such task for this key', '此密钥下没有该任务', 'otherKey', 'tasks'],
  [1005, 'RunningHub had an internal fault', 'RunningHub 内部故障', 'lookFirst', 'tasks'],
  [
    1006,
    'RunningHub stopped the task at its own time limit',
    'RunningHub 因超时停止了任务',
    [
      'Make the input lighter or use a bigger machine; a new run costs again.',
      '请减轻输入或使用更大的机器；重新运行会再次计费。',
    ],
    'tasks',
  ],
  [
    1007,
    'the parameters are not accepted',
    '参数未被接受',
    ['Check the values; the message names them.', '请检查消息中提到的值。'],
  ],
  [1008, 'the file is too big', '文件过大', ['Make it smaller.', '请缩小文件。']],
  [1009, 'the call was made the wrong way', '调用方式错误', 'ours'],
  [1010, 'RunningHub is not available', 'RunningHub 暂不可用', 'lookFirst', 'tasks'],
  [1011, 'RunningHub is busy', 'RunningHub 繁忙', 'calm'],
  [1012, 'a service behind RunningHub failed', 'RunningHub 的下游服务失败', 'lookFirst', 'tasks'],
  [
    1013,
    'an input file could not be read',
    '无法读取输入文件',
    ['Check the file, or upload it again.', '请检查文件或重新上传。'],
  ],
  [
    1014,
    'standard models need an enterprise-shared key',
    '标准模型需要企业共享密钥',
    ['Use a key of that kind.', '请使用该类密钥。'],
    'keys',
  ],
  [1015, 'the generation failed', '生成失败', ['Change the input, or run again.', '请修改输入或重新运行。']],
  [
    1101,
    'a node id or field name does not exist in the cloud workflow',
    '云端工作流中没有该节点或字段',
    'compare',
  ],
  [
    1501,
    'the content was refused by moderation',
    '内容未通过审核',
    ['Change the prompt or the pictures.', '请修改提示词或图片。'],
  ],
  [1504, 'the model took too long', '模型运行超时', ['Run again later.', '请稍后重新运行。']],
  [
    1505,
    'photorealistic real people are prohibited',
    '禁止生成写实真人',
    ['Change the prompt or the picture.', '请修改提示词或图片。'],
  ],
  [1520, 'all slots of this user are busy', '此用户的并发已满', 'slot', 'tasks'],
  [1601, 'the call came without an API key', '调用未携带 API 密钥', 'ours'],
]

const table: ReadonlyMap<number, CodeWords> = new Map(
  rows.map(([code, cause, causeZh, step, link = 'docs']) => {
    const [en, zh] = typeof step === 'string' ? steps[step] : step
    return [code, { cause: { en: cause, zh: causeZh }, step: { en, zh }, link: links[link] }]
  }),
)

/** A code in words (RunningHub: error codes, section 7 of our notes); one that nobody knows keeps its number. */
export function codeWords(code: number): CodeWords {
  const [en, zh] = steps.later
  return (
    table.get(code) ?? {
      cause: { en: `RunningHub answered with code ${code}`, zh: `RunningHub 返回代码 ${code}` },
      step: { en, zh },
      link: links.docs,
    }
  )
}

/** Every code that has words. */
export const codesWithWords: readonly number[] = [...table.keys()]

/** Where to read on about an error of ours by its word (`cloud-803`); nothing for errors that are not RunningHub's. */
export function linkOf(code: string, language: Language, site?: string): string | undefined {
  const number = /^cloud-(-?\d+)$/.exec(code)?.[1]
  const words = number === undefined ? undefined : table.get(Number(number))
  if (!words) return code === 'no-key' ? onSite(links.keys, language, site) : undefined
  return onSite(words.link, language, site)
}

/** The same page on the site that is meant, where that is known; the documentation goes by language. */
function onSite(link: Words, language: Language, site: string | undefined): string {
  const home = site !== undefined && /^https:\/\/www\.runninghub\.(cn|ai)$/.test(site) ? site : undefined
  if (home === undefined || link === links.docs) return link[language]
  return link[language].replace(sites[language], home)
}

/** The code words as sentences, for {@link say}. */
export const codeSentences: readonly (readonly [en: string, zh: string])[] = [
  ...Object.values(steps),
  ...rows.flatMap(([, cause, causeZh, step]): (readonly [string, string])[] => [
    [cause, causeZh],
    ...(typeof step === 'string' ? [] : [step]),
  ]),
  ['RunningHub answered with code {code}', 'RunningHub 返回代码 {code}'],
]
