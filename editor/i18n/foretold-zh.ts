type Facts = Readonly<Record<string, string>>

const wanted: Facts = {
  'true or false': '开或关（true / false）',
  'a whole number': '整数',
  'a number': '数字',
}
const near = ({ near: name }: Facts) => (name ? `是否想写 “${name}”？` : '')
const place = ({ node = '', field = '' }: Facts) => `云端节点 ${node} 的 “${field}”`

/** What the check before paying finds, in Chinese, by its code (server/knowledge/check-items.ts says what the facts are). */
export const foretoldZh: Readonly<Record<string, (facts: Facts) => string>> = {
  'cloud-field-twice': facts => `${place(facts)} 被设置了两次，请只保留一个。`,
  'cloud-field-linked': facts =>
    `${place(facts)} 由节点 ${facts.source} 输入，不能直接设置，请改为设置节点 ${facts.source}。`,
  'cloud-field-unknown': facts =>
    `云端节点 ${facts.node} 没有字段 “${facts.field}”，可用字段：${facts.names}。${near(facts)}`,
  'cloud-node-unknown': facts => `云端工作流中没有节点 ${facts.node}，可能是：${facts.nodes}。`,
  'cloud-value-not-listed': facts =>
    `${place(facts)} 没有选项 “${facts.value}”，可选：${facts.offered}。${near(facts)}`,
  'cloud-value-type': facts =>
    `${place(facts)} 需要${wanted[facts.wanted ?? ''] ?? facts.wanted}，而不是 “${facts.value}”。`,
  'cloud-value-bounds': facts =>
    `${place(facts)} 的值 ${facts.value} 超出范围：${facts.min || '不限'} 至 ${facts.max || '不限'}。`,
  'cloud-value-empty': facts => `${place(facts)} 还没有文件，请选择文件或连接上传节点。`,
  'cloud-other-kind': facts =>
    facts.kind === 'app'
      ? `${facts.id} 是云端工作流的 ID，请关闭 is_webapp_task。`
      : `${facts.id} 是 AI 应用的 ID，请打开 is_webapp_task。`,
}
