/**
 * What the server and RunningHub say, in Chinese: whole phrases by their English, and sentences with places in them. What is not found
 * here is shown as it came, which is better than nothing.
 */
const checkKey = '请检查 API 密钥，并确认它属于此站点（.cn 与 .ai 的密钥互不通用）。'
const later = '请稍后再试；若一直如此，请联系 RunningHub 客服。'
const lookFirst = '再次运行前请先查看 RunningHub 网站的任务列表：可能已产生付费任务。'
const slot = '正在等待空位，尚未产生费用。'
const ours = '这是 rh-bridge 的缺陷，请反馈。'

const phrases: Readonly<Record<string, string>> = {
  'the upload gateway refused the key': '上传网关拒绝了此密钥',
  'a field is missing or has the wrong type': '缺少字段或字段类型错误',
  'there is no such workflow on this site': '此站点没有该工作流',
  'the API key is unknown': 'API 密钥无法识别',
  'the address of the call is wrong': '调用地址错误',
  'all machines of this exclusive key are busy': '此独占密钥的机器均在使用',
  'the balance is too low': '余额不足',
  'all slots of this key are busy': '此密钥的并发已满',
  'there is no such task': '没有该任务',
  'the cloud workflow did not pass its check': '云端工作流未通过校验',
  'this exclusive key has no machine of that size': '此独占密钥没有该规格的机器',
  'the exclusive service has expired': '独占服务已到期',
  'RunningHub had an internal fault': 'RunningHub 内部故障',
  'free accounts cannot use the API': '免费账户不能使用 API',
  'the API key is wrong or disabled': 'API 密钥错误或已停用',
  'a node id or field name does not exist in the cloud workflow': '云端工作流中没有该节点或字段',
  'the task is running': '任务正在运行',
  'the task failed or was cancelled': '任务失败或已取消',
  'the API key belongs to no user': 'API 密钥不属于任何用户',
  'there is no such task for this key': '此密钥下没有该任务',
  'RunningHub could not store the file': 'RunningHub 未能保存文件',
  'the file is too big (30 MB at most)': '文件过大（上限 30 MB）',
  'the workflow was never saved or never run on the site': '该工作流从未在网站上保存或运行过',
  'the enterprise key is wrong': '企业密钥错误',
  'the enterprise balance is used up': '企业余额已用完',
  'the task is queued': '任务正在排队',
  'the personal queue is full (1000 tasks)': '个人队列已满（1000 个任务）',
  'there is no such AI app': '没有该 AI 应用',
  'RunningHub had an unknown error': 'RunningHub 发生未知错误',
  'the API key is wrong': 'API 密钥错误',
  'too many calls at once': '调用过于频繁',
  'RunningHub stopped the task at its own time limit': 'RunningHub 因超时停止了任务',
  'the parameters are not accepted': '参数未被接受',
  'the file is too big': '文件过大',
  'the call was made the wrong way': '调用方式错误',
  'RunningHub is not available': 'RunningHub 暂不可用',
  'RunningHub is busy': 'RunningHub 繁忙',
  'a service behind RunningHub failed': 'RunningHub 的下游服务失败',
  'an input file could not be read': '无法读取输入文件',
  'standard models need an enterprise-shared key': '标准模型需要企业共享密钥',
  'the generation failed': '生成失败',
  'the content was refused by moderation': '内容未通过审核',
  'the model took too long': '模型运行超时',
  'photorealistic real people are prohibited': '禁止生成写实真人',
  'all slots of this user are busy': '此用户的并发已满',
  'the call came without an API key': '调用未携带 API 密钥',
  'Check the API key, and whether it belongs to this site (.cn and .ai have separate keys).': checkKey,
  'Try again later; if it stays, ask RunningHub support.': later,
  'Look at the task list on the RunningHub site before running again: a paid task may exist.': lookFirst,
  'Check the workflow id and the node infos.': '请检查工作流 ID 与节点信息。',
  'Check the id: a digit lost, the other site, or an AI app instead of a workflow?':
    '请检查 ID：是否少了数字、属于另一站点，或其实是 AI 应用？',
  'Check the id: a digit lost, the other site, or a workflow instead of an AI app?':
    '请检查 ID：是否少了数字、属于另一站点，或其实是工作流？',
  'Check base_url: it should be the plain site, such as https://www.runninghub.cn.':
    '请检查 base_url，应为站点地址，例如 https://www.runninghub.cn。',
  'Waiting for a machine; nothing has been charged.': '正在等待机器，尚未产生费用。',
  'Waiting for a slot; nothing has been charged.': slot,
  'Waiting; nothing has been charged.': '正在等待，尚未产生费用。',
  'Waiting until some have ended.': '正在等待部分任务结束。',
  'Waiting for it.': '正在等待。',
  'Top up the account on RunningHub.': '请在 RunningHub 充值。',
  'There is nothing to cancel.': '无需取消。',
  'Check the values sent to the nodes it names.': '请检查发送给所列节点的值。',
  'Change use_rtx4090_48g: 48 GB machines need it on, 24 GB ones off.':
    '请调整 use_rtx4090_48g：48 GB 机器需打开，24 GB 机器需关闭。',
  'Renew it on RunningHub.': '请在 RunningHub 续费。',
  'A basic membership or above is needed.': '需要基础会员或以上。',
  'Compare nodeId and fieldName with the workflow on RunningHub.':
    '请与 RunningHub 上的工作流核对 nodeId 与 fieldName。',
  'Read the cause; then change the input or run again.': '请查看原因，修改输入后重新运行。',
  'Was it made with another key or on the other site?': '是否用另一密钥或在另一站点创建？',
  'Make it smaller, or put a public URL into the loader of the cloud workflow.':
    '请缩小文件，或在云端工作流的加载节点中填写公开网址。',
  'Open the workflow on RunningHub, save it and run it there once. Then it can be called from here.':
    '请先在 RunningHub 网页端打开该工作流，保存并成功运行一次，之后即可在此调用。',
  'Make the input lighter or use a bigger machine; a new run costs again.':
    '请减轻输入或使用更大的机器；重新运行会再次计费。',
  'Check the values; the message names them.': '请检查消息中提到的值。',
  'Make it smaller.': '请缩小文件。',
  'This is a fault of rh-bridge: please report it.': ours,
  'Check the file, or upload it again.': '请检查文件或重新上传。',
  'Use a key of that kind.': '请使用该类密钥。',
  'Change the input, or run again.': '请修改输入或重新运行。',
  'Change the prompt or the pictures.': '请修改提示词或图片。',
  'Change the prompt or the picture.': '请修改提示词或图片。',
  'Run again later.': '请稍后重新运行。',
  'The machine ran out of GPU memory: turn on use_rtx4090_48g, or make the picture smaller.':
    '机器显存不足：请打开 use_rtx4090_48g，或缩小图片。',
  'The content was refused by moderation: change the prompt or the pictures.':
    '内容未通过审核：请修改提示词或图片。',
  'Change the input the cause names, then run again; a new run costs again.':
    '请修改原因中提到的输入后重新运行；重新运行会再次计费。',
  'The cloud task failed or was cancelled; RunningHub gave no reason.':
    '云端任务失败或已取消，RunningHub 未说明原因。',
  'The result files are gone from RunningHub, which keeps them for 24 hours.':
    '结果文件已不在 RunningHub（仅保留 24 小时）。',
  'Check base_url; a proxy or gateway may have answered instead of RunningHub.':
    '请检查 base_url；应答的可能是代理或网关，而不是 RunningHub。',
  'Check base_url and the key, or try again later.': '请检查 base_url 与密钥，或稍后再试。',
  'A paid task may exist: look first.': '可能已产生付费任务：请先查看。',
  'Put the number from the address of its RunningHub page into workflowId_webappId of RH Settings.':
    '请把 RunningHub 页面地址中的数字填入“RH 设置”的工作流或应用 ID。',
  'Choose a file, or link an uploader to it.': '请选择文件，或连接上传节点。',
  'Keep one of the two: which one counts is not documented.': '请只保留一个：哪个生效没有说明。',
  'The balance has changed since.': '此后余额有变化。',
  'A paid task may exist.': '可能已产生付费任务。',
  'The server failed on this request.': '服务器处理此请求时出错。',
  'See the server’s log.': '请查看服务器日志。',
  'a web page': '网页',
  nothing: '空内容',
  'no readable JSON': '无法读取的内容',
}

const sentences: readonly (readonly [RegExp, string])[] = [
  [/^RunningHub refused \((-?\d+)\): ([^:]+?)(?:: (.+?))?\.?$/s, 'RunningHub 拒绝（$1）：$2｜$3。'],
  [/^The cloud task failed \((\d+)\): ([^:]+?)(?:: (.+?))?\.?$/s, '云端任务失败（$1）：$2｜$3。'],
  [/^The cloud task failed at node (.+?) \((.*?)\)(?:: (.*)|\.)$/s, '云端任务在节点 $1（$2）失败｜$3'],
  [/^The cloud task failed: (.*)$/s, '云端任务失败：$1'],
  [/^RunningHub answered with HTTP (\d+)\.$/, 'RunningHub 返回 HTTP $1。'],
  [/^RunningHub answered with (.+?) \(HTTP (\d+)\)\.$/, 'RunningHub 返回了$1（HTTP $2）。'],
  [/^RunningHub's answer to the create was lost \((.*?)\)\.$/s, '创建任务的应答丢失（$1）。'],
  [
    /^RunningHub counts (\d+) running, (\d+) are known here\.$/,
    'RunningHub 统计有 $1 个在运行，此处已知 $2 个。',
  ],
  [/^A paid task may exist: (.*)$/s, '可能已产生付费任务：$1'],
  [/^There is no API key for (.+)\.$/, '没有 $1 的 API 密钥。'],
  [/^There is a key "(.+)" already\.$/, '已有名为 “$1” 的密钥。'],
  [/^Cloud node (\S+) has no field "(.*)"\.?$/, '云端节点 $1 没有字段 “$2”。'],
  [/^The cloud workflow has no node (\S+?)\.?$/, '云端工作流没有节点 $1。'],
  [/^It has: (.*?)\. Did you mean "(.*)"\?$/s, '可用字段：$1。是否指 “$2”？'],
  [/^It has: (.*)\.$/s, '可用字段：$1。'],
  [/^It offers: (.*?)\. Did you mean "(.*)"\?$/s, '可选：$1。是否指 “$2”？'],
  [/^It offers: (.*)\.$/s, '可选：$1。'],
  [/^Nodes that could be meant: (.*)\.$/s, '可能是这些节点：$1。'],
  [/^(.+) does not offer "(.*)"\.?$/s, '$1 没有选项 “$2”。'],
  [/^Task (\d+) can no longer be followed: (.*)$/s, '任务 $1 无法继续跟踪：$2'],
]

/** A sentence of the server in Chinese, as far as it is known. */
export function serverZh(text: string): string {
  const whole = phrases[text]
  if (whole !== undefined) return whole
  for (const [form, words] of sentences) {
    const found = form.exec(text)
    if (found) return fill(words, found)
  }
  // Several sentences, each for itself.
  const parts = text.split(/(?<=[.)]) (?=[A-Z])/)
  return parts.length > 1 ? parts.map(serverZh).join('') : text
}

/** `｜$3` is left out where there is no such part. */
function fill(words: string, found: RegExpExecArray): string {
  return words.replace(/(｜?)\$(\d)/g, (_, mark: string, place: string) => {
    const part = found[Number(place)]
    if (part === undefined || part === '') return ''
    return `${mark === '' ? '' : '：'}${serverZh(part)}`
  })
}
