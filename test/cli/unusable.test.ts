import { writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { cli, type Outcome, onlyJson, openBench } from './support.ts'

const brackets = Buffer.alloc(50_000_000, '[')
const lists = Buffer.alloc(50_000_000, '[],')
const script = '#!/bin/bash\ncurl -X POST https://www.runninghub.cn/task/openapi/create -d "{}"\n'

const files: [string, string | Uint8Array, RegExp][] = [
  ['an empty file', '', /empty/],
  ['an HTML page', '<!DOCTYPE html><html><body>404</body></html>', /web page/],
  ['truncated JSON', '{"last_node_id":5,"nodes":[{"id":5,"type":"LoadIm', /cut off/],
  ['a script', script, /script/],
  ['an empty object', '{}', /workflow/],
  ['plain words', 'please run this for me', /not JSON/],
  ['random bytes', Buffer.from([0xff, 0xfe, 0, 1, 2, 3, 0x80, 0x81]), /\w/],
  ['half a PNG', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0]), /PNG|picture|workflow/],
  ['50 MB of opening brackets', brackets, /\w/],
  ['50 MB of lists', Buffer.concat([Buffer.from('['), lists, Buffer.from('[]]')]), /list|workflow/],
  [
    '50 MB of lists inside a workflow',
    Buffer.concat([Buffer.from('{"nodes":'), brackets]),
    /nested|cut off|workflow/,
  ],
]

function expectOneSentence({ code, stdout, stderr, durationMs }: Outcome): void {
  expect([code, stdout]).toEqual([2, ''])
  const lines = stderr.trimEnd().split('\n')
  expect(lines[0]).toMatch(/^[^a-z].*[.!?]$/)
  expect(lines.length).toBeLessThanOrEqual(2)
  if (lines[1] !== undefined) expect(lines[1]).toMatch(/^ {2}\S/)
  expect(stderr).not.toMatch(/\bat .*[.(]ts:\d|node:internal|Error:/)
  // About a second for the largest on a quiet machine.
  expect(durationMs).toBeLessThan(10_000)
}

describe('a file that cannot be used', () => {
  test.for(files)('%s gets one sentence from run, and exit code 2', async ([, content, words], context) => {
    const { run, write, sandbox } = await openBench(context)
    const outcome = await run(await write('a.json', content))
    expectOneSentence(outcome)
    expect(outcome.stderr).toMatch(words)
    expect(sandbox.requests()).toEqual([])
  })

  test.for(files.slice(0, 2))('%s gets one object with --json', async ([, content, words], context) => {
    const { runJson, write } = await openBench(context)
    const { code, report, stderr } = await runJson(await write('a.json', content))
    expect([code, stderr]).toEqual([2, ''])
    expect(report).toMatchObject({
      status: 'error',
      outputs: [],
      tasks: [],
      errors: [{ code: expect.stringMatching(/^workflow-/), message: expect.stringMatching(words) }],
    })
  })

  test('validate says the same', async context => {
    const { write } = await openBench(context)
    const file = await write('a.json', '<html></html>')
    expectOneSentence(await cli(['validate', file], { isAlone: true }))
    const { code, stdout } = await cli(['validate', file, '--json'])
    expect(code).toBe(2)
    expect(onlyJson(stdout)).toMatchObject({ ok: false, error: { code: 'workflow-html' } })
  })

  test('a file that is not there, and a folder, are told by name', async context => {
    const { run, dataDir } = await openBench(context)
    const gone = await run('/nowhere/gone.json')
    expectOneSentence(gone)
    expect(gone.stderr).toContain('There is no file "/nowhere/gone.json".')
    const folder = await run('/tmp')
    expectOneSentence(folder)
    expect(folder.stderr).toContain('is a folder')
    expect(dataDir).not.toBe('/tmp')
  })

  test('a data folder that cannot be made is told', async context => {
    const { write } = await openBench(context)
    const file = await write('a.json', { 1: { class_type: 'PreviewAny', inputs: { source: 'x' } } })
    const blocked = await write('blocked', '')
    const outcome = await cli(['run', file, '--data-dir', `${blocked}/data`])
    expectOneSentence(outcome)
    expect(outcome.stderr).toContain('ENOTDIR')
    await writeFile(file, '')
  })
})

describe.concurrent('arguments that cannot be used', () => {
  test.for([
    [['run']],
    [['run', 'a.json', '--timeout', '0']],
    [['run', 'a.json', '--sandbox', 'maybe']],
    [['fly']],
    [['sandbox', '--port', '99999']],
  ])('%j ends with 2 and no stack', async ([args = []]) => {
    const { code, stdout, stderr } = await cli(args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^error: /)
    expect(stderr).not.toMatch(/node:internal/)
  })

  test.for([[['run', '--help']], [['--version']]])('%j is no error', async ([args = []]) => {
    const { code, stdout } = await cli(args, { isAlone: true })
    expect(code).toBe(0)
    expect(stdout).toMatch(/\w/)
  })
})
