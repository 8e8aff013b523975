import { readdir, readFile } from 'node:fs/promises'
import { afterEach, expect, test } from 'vitest'
import { en } from '../../server/cli/words/en.ts'
import { chooseLanguage, counted, currentLanguage, word } from '../../server/cli/words/index.ts'
import { zh } from '../../server/cli/words/zh.ts'
import { specialWorkflows } from '../../server/sandbox/index.ts'
import { cli, openBench, prompt } from './support.ts'

afterEach(() => void chooseLanguage([], {}))

test('both languages have the same texts with the same places for values, and every text is used', async () => {
  expect(Object.keys(zh).toSorted()).toEqual(Object.keys(en).toSorted())
  for (const [key, text] of Object.entries(en)) {
    const places = (written: string) => [...written.matchAll(/\{\w+\}/g)].map(String).sort()
    expect(places(zh[key as keyof typeof zh]), key).toEqual(places(text))
    expect(zh[key as keyof typeof zh], key).toMatch(/\p{Script=Han}|^[\s\p{P}\d{}/\w]*$/u)
  }
  const folder = new URL('../../server/cli/', import.meta.url)
  const names = (await readdir(folder)).filter(name => name.endsWith('.ts'))
  const source = (await Promise.all(names.map(name => readFile(new URL(name, folder), 'utf8')))).join('\n')
  const built = [...source.matchAll(/`([\w.]+\.)\$\{/g)].map(match => match[1] ?? '')
  const isUsed = (key: string) => source.includes(`'${key}'`) || built.some(start => key.startsWith(start))
  expect(Object.keys(en).filter(key => !isUsed(key))).toEqual([])
})

test.each([
  [['run', 'x.json'], {}, 'en'],
  [['run', 'x.json'], { LANG: 'zh_CN.UTF-8' }, 'zh'],
  [['run', 'x.json'], { LANG: 'zh_CN.UTF-8', LC_ALL: 'C' }, 'en'],
  [['run', 'x.json'], { LANG: 'en_GB', LC_MESSAGES: 'zh_TW' }, 'zh'],
  [['run', 'x.json'], { LANG: 'zh_CN.UTF-8', RH_BRIDGE_LANG: 'en' }, 'en'],
  [['run', 'x.json', '--lang', 'zh'], { RH_BRIDGE_LANG: 'en' }, 'zh'],
  [['--lang=en', 'run', 'x.json'], { LANG: 'zh' }, 'en'],
])('%j with %j speaks %s', (args, environment, language) => {
  expect(chooseLanguage(args, environment)).toEqual(['run', 'x.json'])
  expect(currentLanguage()).toBe(language)
})

test('what is counted', () => {
  expect([counted(1, 'entry'), counted(2, 'entry'), counted(0, 'node')]).toEqual([
    '1 entry',
    '2 entries',
    '0 nodes',
  ])
  chooseLanguage(['--lang', 'zh'], {})
  expect([counted(2, 'entry'), word('run.success', { time: '0:41' })]).toEqual(['2 条', '完成，用时 0:41。'])
})

test('a failed task is told in Chinese where the locale is, its traceback kept back, its code the same', async context => {
  const bench = await openBench(context)
  const file = await bench.write('failing.json', prompt({ targetId: specialWorkflows.fails.id }))
  const flags = ['--base-url', bench.sandbox.url, '--data-dir', bench.dataDir]
  const env = { LANG: 'zh_CN.UTF-8' }

  const told = cli(['run', file, ...flags], { env })
  const whole = cli(['run', file, '--verbose', '--json', ...flags], { env })
  const checked = cli(['validate', file, '--data-dir', bench.dataDir, '--lang', 'zh'])
  const { code, stderr } = await told
  expect(code).toBe(1)
  expect(stderr).toContain('：云端任务在节点 3（KSampler）失败：TypeError')
  expect(stderr).toContain('还有 2 行：用 --verbose 查看。')
  expect(stderr).toMatch(/参见 https:\/\/www\.runninghub\.cn\//)
  expect(stderr).toMatch(/结束但有错误，用时 \d+:\d\d。/)
  expect(stderr).not.toContain('execution.py')
  const [error] = JSON.parse((await whole).stdout).errors
  expect(error).toMatchObject({ code: 'cloud-805', message: expect.stringMatching(/^云端任务在节点 3/) })
  expect(error.message).toContain('File "execution.py", line 327')
  expect((await checked).stdout).toContain('failing.json：API 格式的工作流，共 3 个节点。')
})
