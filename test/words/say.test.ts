import { expect, test } from 'vitest'
import { codeFacts, knownCodes } from '../../server/runninghub/error-codes.ts'
import { codeError } from '../../server/runninghub/errors.ts'
import { codesWithWords, codeWords, linkOf, preferredLanguage, say } from '../../words/index.ts'
import { messagesInSource } from './messages.ts'

const isChinese = (text: string) => /[一-鿿]/.test(text)

test('every code of RunningHub has a cause, a next step and a page in both languages', () => {
  expect(codesWithWords.toSorted()).toEqual(knownCodes.toSorted())
  for (const code of knownCodes) {
    const { cause, step, link } = codeWords(code)
    for (const words of [cause, step]) {
      expect(words.en, String(code)).toMatch(/\w/)
      expect(isChinese(words.zh), `${code}: ${words.zh}`).toBe(true)
    }
    expect(new URL(link.en).host, String(code)).toBe('www.runninghub.ai')
    expect(new URL(link.zh).host, String(code)).toBe('www.runninghub.cn')
    expect(codeFacts(code)).toMatchObject({ meaning: cause.en, hint: step.en })
    expect(linkOf(`cloud-${code}`, 'zh')).toBe(link.zh)
    const { message, hint = '' } = codeError(code, 'node 6: bad value')
    expect(say(message, 'zh')).toBe(`RunningHub 拒绝（${code}）：${cause.zh}：node 6: bad value。`)
    expect(say(hint, 'zh')).toContain(step.zh.replace(/[。？]$/, ''))
  }
})

test('a page is given on the site of the key, the documentation in the language', () => {
  expect(linkOf('cloud-802', 'en', 'https://www.runninghub.cn')).toMatch(/^https:\/\/www\.runninghub\.cn\//)
  expect(linkOf('cloud-803', 'en', 'https://www.runninghub.cn')).toMatch(/^https:\/\/www\.runninghub\.ai\//)
  expect(linkOf('no-key', 'zh')).toMatch(/^https:\/\/www\.runninghub\.cn\//)
  expect(linkOf('bad-set', 'en')).toBeUndefined()
  expect(linkOf('cloud-987654', 'en')).toBeUndefined()
})

test('every sentence of the server and the nodes has its Chinese (words/zh)', () => {
  const all = messagesInSource()
  expect(all.length).toBeGreaterThan(350)
  // English words in a row are left where only a part was found; commands are no English.
  const isDone = (said: string) =>
    isChinese(said) && !/[a-z]{2,}( [a-z]{2,}){2,}/.test(said.replace(/rh-bridge( \w+)*/g, ''))
  const without = all.filter(({ text }) => !isDone(say(text, 'zh')))
  expect(without).toEqual([])
})

test.each([
  [
    'RunningHub refused (803): a node id or field name does not exist in the cloud workflow.',
    'RunningHub 拒绝（803）：云端工作流中没有该节点或字段。',
  ],
  [
    'The cloud task failed at node 276 (SONIC_PreData): TypeError: boom. Or so',
    '云端任务在节点 276（SONIC_PreData）失败：TypeError: boom. Or so',
  ],
  ['It has: seed, steps. Did you mean "seed"?', '可用字段：seed, steps。是否指 “seed”？'],
  [
    '"steps" of cloud node 3 takes a whole number, not "many"',
    '云端节点 3 的 “steps” 需要整数，而不是 “many”',
  ],
  ['A paid task may exist: the answer was lost', '可能已产生付费任务：the answer was lost'],
  ['a sentence nobody knows', 'a sentence nobody knows'],
  ['', ''],
])('%s', (english, chinese) => {
  expect(say(english, 'zh')).toBe(chinese)
  expect(say(english, 'en')).toBe(english)
})

test('the language people want', () => {
  expect(preferredLanguage(['zh_CN.UTF-8'])).toBe('zh')
  expect(preferredLanguage(['fr', 'zh-TW', 'en'])).toBe('zh')
  expect(preferredLanguage(['C', 'en_US.UTF-8', 'zh'])).toBe('en')
  expect(preferredLanguage(['C.UTF-8'])).toBe('en')
  expect(preferredLanguage([])).toBe('en')
})

test('an address after what to do stays where it is', () => {
  const hint = 'Change the input the cause names, then run again; a new run costs again.'
  const page = 'https://www.runninghub.cn/call-api/call-record-detail/2126721500404155721'
  expect(say(`${hint} ${page}`, 'zh')).toBe(`${say(hint, 'zh')} ${page}`)
  expect(isChinese(say(hint, 'zh'))).toBe(true)
})
