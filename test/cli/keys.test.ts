import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cli, openBench, prompt } from './support.ts'

const key = 'f00dbabe0123456789abcdef01234567'

test.concurrent('keys are added from standard input, listed by last four, and removed', async context => {
  const { dataDir } = await openBench(context)
  const keys = (args: string[], stdin = '') =>
    cli(['keys', ...args, '--data-dir', dataDir], { stdin, isAlone: true })
  expect((await keys(['list'])).stdout).toContain('No keys yet')
  const added = await keys(['add', 'work', '--base-url', 'www.runninghub.ai/'], `${key}\n`)
  expect([added.code, added.stdout]).toEqual([0, 'Kept as "work" (…4567).\n'])
  expect((await stat(join(dataDir, 'keys.json'))).mode & 0o777).toBe(0o600)
  await keys(['add', 'home', '--default'], 'another-key-of-thirty-two-chars00')
  const listed = await keys(['list'])
  expect(listed.stdout).toBe('work  …4567  https://www.runninghub.ai\nhome  …rs00  default\n')
  expect((await keys(['remove', 'work'])).stdout).toBe('Removed "work".\n')
  expect((await keys(['list'])).stdout).not.toContain('work')
  for (const { stdout, stderr } of [added, listed]) expect(stdout + stderr).not.toContain(key)
})

test.concurrent.for([
  [['add', 'a'], '', 'That is no key'],
  [['add', 'a'], 'YOUR_API_KEY', 'That is no key'],
  [['add', 'a'], 'two words', 'That is no key'],
  [['add', 'a<b'], key, 'cannot name a key'],
  [['add', 'a', '--base-url', 'no address'], key, 'is no web address'],
  [['remove', 'nobody'], '', 'There is no key "nobody"'],
] as const)('keys %j with %j is refused', async ([args, stdin, words], context) => {
  const { dataDir } = await openBench(context)
  const { code, stdout, stderr } = await cli(['keys', ...args, '--data-dir', dataDir], { stdin })
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain(words)
  expect(stderr).not.toContain(key)
})

test.concurrent('a graph can name a kept key', async context => {
  const { dataDir, write, sandbox } = await openBench(context)
  const site = ['--base-url', sandbox.url]
  await cli(['keys', 'add', 'work', ...site, '--data-dir', dataDir], { stdin: key })
  const graph = prompt({ apiKey: '<key:work>' })
  graph[2].inputs.base_url = sandbox.url
  const { code } = await cli(['run', await write('a.json', graph), '--data-dir', dataDir])
  expect(code).toBe(0)
  expect(sandbox.requests()[0]?.headers.authorization).toBe(`Bearer ${key}`)
})
