import { expect, test } from 'vitest'
import { serverZh } from '../../editor/i18n/server-zh.ts'
import { codeFacts, knownCodes } from '../../server/runninghub/error-codes.ts'
import { codeError } from '../../server/runninghub/errors.ts'

test('every code of RunningHub has its Chinese sentence and advice', () => {
  for (const code of knownCodes) {
    const { meaning, hint } = codeFacts(code)
    expect(serverZh(meaning), meaning).toMatch(/\p{Script=Han}/u)
    expect(serverZh(hint), hint).toMatch(/\p{Script=Han}/u)
    const { message } = codeError(code, 'node_errors: x')
    expect(serverZh(message), message).toMatch(new RegExp(`^RunningHub 拒绝（${code}）：.*x。$`))
  }
})

test.each([
  [
    'The cloud task failed at node 3 (KSampler): TypeError: none',
    '云端任务在节点 3（KSampler）失败：TypeError: none',
  ],
  [
    "RunningHub's answer to the create was lost (RunningHub answered with HTTP 502.). A paid task may exist. RunningHub counts 1 running, 0 are known here.",
    '创建任务的应答丢失（RunningHub 返回 HTTP 502。）。可能已产生付费任务。RunningHub 统计有 1 个在运行，此处已知 0 个。',
  ],
  ['It has: text, seed. Did you mean "text"?', '可用字段：text, seed。是否指 “text”？'],
  ['Something nobody wrote down.', 'Something nobody wrote down.'],
  ['云端原话', '云端原话'],
])('"%s" reads "%s"', (english, chinese) => {
  expect(serverZh(english)).toBe(chinese)
})
