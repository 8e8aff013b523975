import type { Sentence } from '../say.ts'

/** What the check and the executor say of a prompt and its run. */
export const runsZh: readonly Sentence[] = [
  // Problems of a prompt, ComfyUI's words first.
  ['Prompt outputs failed validation', '输出校验未通过'],
  [
    "Node '{title}' not found. The custom node may not be installed.",
    '找不到节点 “{title}”，可能未安装该自定义节点。',
  ],
  ['No prompt provided', '没有提供工作流'],
  ['Prompt has no outputs', '工作流没有输出节点'],
  [
    "Node 'ID #{node}' has no class_type. The workflow may be corrupted or a custom node is missing.",
    '节点 #{node} 没有 class_type，工作流可能已损坏或缺少自定义节点。',
  ],
  [
    'Bad linked input, must be a length-2 list of [node_id, slot_index]',
    '输入连线有误，应为 [节点编号, 输出序号]',
  ],
  [
    'Bad linked input, must be a length-2 list of [node_id, slot_index]: {input}',
    '输入连线有误，应为 [节点编号, 输出序号]：{input}',
  ],
  ['Exception when validating node', '校验节点时出错'],
  ['"{name}" is linked to node {node}, which is not there', '“{name}” 连到了不存在的节点 {node}'],
  [
    '"{name}" is linked to output {slot} of node {node} ({type}), which has only {count}',
    '“{name}” 连到节点 {node}（{type}）的输出 {slot}，而它只有 {count} 个输出',
  ],
  ['Return type mismatch between linked nodes', '相连节点的类型不匹配'],
  [
    '"{name}" takes {wanted}; output "{output}" of node {node} ({type}) gives {given}',
    '“{name}” 需要 {wanted}；节点 {node}（{type}）的输出 “{output}” 给出 {given}',
  ],
  ['Required input is missing', '缺少必需的输入'],
  ['The input "{input}" is missing', '缺少输入 “{input}”'],
  ['Connect something to "{name}", or give it a value', '请连接 “{name}”，或给它一个值'],
  ['Custom validation failed for node', '节点自身的校验未通过'],
  ['"{type}" needs a GPU: run it in the cloud workflow', '“{type}” 需要 GPU：请放在云端工作流中运行'],
  ['Everything that does not need it still runs.', '不依赖它的部分仍会运行。'],
  ['"{type}" cannot run here', '“{type}” 无法在此运行'],
  [
    'Should it be a standard model, add its registry with "rh-bridge models import FILE|URL" or in the settings.',
    '若它是标准模型，请用 “rh-bridge models import FILE|URL” 或在设置中添加其注册表。',
  ],
  ['Dependency cycle detected', '检测到循环依赖'],
  ['Dependency cycle detected: {cycle}', '检测到循环依赖：{cycle}'],
  [
    'These nodes feed each other in a circle: cut one of the links.',
    '这些节点互相循环输入：请断开其中一条连线。',
  ],
  ['Value not in list', '值不在选项中'],
  ['Value not in list: {details}', '值不在选项中：{details}'],
  ['Choose one of the values of "{name}"', '请从 “{name}” 的选项中选择'],
  ['Failed to convert an input value to a {type} value', '无法把输入值转换为 {type}'],
  ['Failed to convert an input value to a {type} value: {details}', '无法把输入值转换为 {type}：{details}'],
  ['Connect something that gives {type}', '请连接给出 {type} 的节点'],
  ['"{name}" takes a whole number', '“{name}” 需要整数'],
  ['"{name}" takes a number', '“{name}” 需要数字'],
  ['Value {value} smaller than min of {min}', '值 {value} 小于下限 {min}'],
  ['Value {value} bigger than max of {max}', '值 {value} 大于上限 {max}'],
  ['"{input}": {@what}', '“{input}”：{@what}'],
  ['The frozen result is no longer there', '冻结的结果已不存在'],
  ['The frozen result of this node is no longer there', '此节点冻结的结果已不存在'],
  ['The frozen result is of another kind of node', '冻结的结果来自另一类节点'],
  ['The frozen result of this node was made by {type}', '此节点冻结的结果由 {type} 生成'],
  ['Unfreeze it, or run this node anew.', '请解除冻结，或重新运行此节点。'],
  ['Nothing to run: the workflow has no output node', '没有可运行的输出：工作流没有输出节点'],
  ['Add a Save or Preview node.', '请添加保存或预览节点。'],
  // A run.
  [
    '"{name}" needs it. Choose another output, or change the cloud workflow so that it saves one.',
    '“{name}” 需要它。请改接其他输出，或修改云端工作流使其保存该结果。',
  ],
  ['Stopped by you.', '已由你停止。'],
  [
    'RunningHub is told to end its task. Should it be done already, its result is kept. Run again to go on.',
    '已通知 RunningHub 结束任务；若已完成，结果会保留。重新运行即可继续。',
  ],
  [
    'This is not expected. Run again; if it stays, report it with the workflow file.',
    '这是意外错误。请重新运行；若仍如此，请附上工作流文件反馈。',
  ],
  ['the program ended', '程序已退出'],
  ['the time is over', '时间已到'],
  [
    'The run was not done within {seconds} s (--timeout) and was stopped',
    '运行未在 {seconds} 秒内完成（--timeout），已停止',
  ],
  [
    'Give it more time; the tasks list says what became of its cloud tasks.',
    '请给更长时间；任务列表会说明云端任务的结果。',
  ],
  ['Its task is done and paid for: {time} to fetch the files', '任务已完成并计费：{time} 可获取文件'],
  ['Nothing is created anew.', '不会重新创建任务。'],
]
