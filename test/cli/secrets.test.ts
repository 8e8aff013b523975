import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { specialWorkflows } from '../../server/sandbox/index.ts'
import { type Bench, cli, filesBelow, type Outcome, onlyJson, openBench, prompt } from './support.ts'

const key = 'f00dbabe0123456789abcdef01234567'

/** The key stands nowhere: not in what was printed, not in any file the run left. */
async function expectNoKey({ dataDir }: Bench, outcomes: readonly Outcome[]): Promise<void> {
  for (const { stdout, stderr } of outcomes) {
    expect(stdout).not.toContain(key)
    expect(stderr).not.toContain(key)
  }
  const files = await filesBelow(dataDir)
  expect(files.length).toBeGreaterThan(0)
  for (const { path, bytes } of files) expect(`${path} ${bytes.includes(key)}`).toBe(`${path} false`)
}

describe.concurrent('a key in the file', () => {
  test('is found by validate, which shows its place and last four characters', async context => {
    const { write, dataDir } = await openBench(context)
    const file = await write('a.json', prompt({ apiKey: key }))
    const plain = await cli(['validate', file, '--data-dir', dataDir])
    expect(plain.stdout).toContain('node 2, apiKey: …4567')
    const json = await cli(['validate', file, '--data-dir', dataDir, '--json'])
    expect(onlyJson(json.stdout)).toMatchObject({
      report: { keys: [{ nodeId: '2', input: 'apiKey', lastFour: '…4567' }] },
    })
    for (const { stdout, stderr } of [plain, json]) expect(stdout + stderr).not.toContain(key)
    expect(await filesBelow(dataDir)).toEqual([])
  })

  test('is used for the run and written nowhere', async context => {
    const bench = await openBench(context)
    // Meant for the sandbox by standing beside its address.
    const graph = prompt({ apiKey: key })
    graph[2].inputs.base_url = bench.sandbox.url
    const file = await bench.write('a.json', graph)
    const { dataDir, sandbox } = bench
    const env = { RH_BRIDGE_LOG: 'trace' }
    const plain = await cli(['run', file, '--data-dir', dataDir], { env, isAlone: true })
    const json = await cli(['run', file, '--data-dir', dataDir, '--json'], { env })
    expect([plain.code, json.code]).toEqual([0, 0])
    expect(plain.stderr).toContain('This file holds an API key (node 2, apiKey, …4567).')
    expect(sandbox.requests()[0]?.headers.authorization).toBe(`Bearer ${key}`)
    await expectNoKey(bench, [plain, json])
    const pictures = (await filesBelow(join(dataDir, 'output'))).filter(({ path }) => path.endsWith('.png'))
    expect(pictures.some(({ bytes }) => bytes.includes('<key:'))).toBe(true)
  })

  test('is not sent to a sandbox it was not given for', async context => {
    const bench = await openBench(context)
    const outcome = await bench.run(await bench.write('a.json', prompt({ apiKey: key })))
    expect(outcome.code).toBe(0)
    for (const { headers, rawBody } of bench.sandbox.requests()) {
      expect(JSON.stringify(headers) + rawBody).not.toContain(key)
    }
    await expectNoKey(bench, [outcome])
  })

  test.for([
    ['a task that fails', specialWorkflows.fails.id, []],
    [
      'words of the cloud that quote it',
      specialWorkflows.text.id,
      [{ code: 433, msg: `bad apiKey ${key} in prompt` }],
    ],
    [
      'a page that quotes it',
      specialWorkflows.text.id,
      [{ status: 502, body: `<html>apiKey=${key}</html>` }],
    ],
  ] as const)('stays hidden after %s', async ([, targetId, faults], context) => {
    const bench = await openBench(context, {
      faults: faults.map(fault => ({
        on: 'create',
        do: 'code' in fault ? { kind: 'code', ...fault } : { kind: 'http', ...fault },
      })),
    })
    const { sandbox, dataDir } = bench
    const graph = prompt({ apiKey: key, targetId })
    graph[2].inputs.base_url = sandbox.url
    const file = await bench.write('a.json', graph)
    const plain = await cli(['run', file, '--data-dir', dataDir], { env: { RH_BRIDGE_LOG: 'trace' } })
    sandbox.addFaults(
      faults.map(fault => ({
        on: 'create',
        do: 'code' in fault ? { kind: 'code', ...fault } : { kind: 'http', ...fault },
      })),
    )
    const json = await cli(['run', file, '--data-dir', dataDir, '--json'])
    expect([plain.code, json.code]).toEqual([1, 1])
    for (const { stdout, stderr } of [plain, json]) expect(stdout + stderr).not.toContain(key)
    for (const { bytes } of await filesBelow(dataDir)) expect(bytes.includes(key)).toBe(false)
  })

  test('given with --set, --api-key or the environment is as hidden', async context => {
    const bench = await openBench(context)
    const file = await bench.write('a.json', prompt())
    const bySet = await bench.run(file, ['--set', `2.apiKey=${key}`])
    const byFlag = await bench.run(file, ['--api-key', key])
    const byEnvironment = await bench.run(file, [], { env: { RUNNINGHUB_API_KEY: key } })
    expect([bySet.code, byFlag.code, byEnvironment.code]).toEqual([0, 0, 0])
    await expectNoKey(bench, [bySet, byFlag, byEnvironment])
  })

  test('in a --set that is not understood is not repeated', async context => {
    const { run, write } = await openBench(context)
    const { code, stderr, stdout } = await run(await write('a.json', prompt()), ['--set', `apiKey=${key}`])
    expect(code).toBe(2)
    expect(stderr + stdout).not.toContain(key)
  })

  test('set on a node that is not known here is hidden in the pictures too', async context => {
    const bench = await openBench(context)
    const graph = { ...prompt(), 9: { class_type: 'OddCloud', inputs: { api_key: '' } } }
    const outcome = await bench.run(await bench.write('a.json', graph), ['--set', `9.api_key=${key}`])
    expect(outcome.code).toBe(0)
    await expectNoKey(bench, [outcome])
  })

  test('in a file that cannot be read is not quoted', async context => {
    const { run, write } = await openBench(context)
    for (const text of [`{"nodes":[{"apiKey":"${key}" oops`, `${key}`, `{"a":${key}}`]) {
      const { code, stderr, stdout } = await run(await write('a.json', text))
      expect(code).toBe(2)
      expect(stderr + stdout).not.toContain(key.slice(0, 10))
    }
  })
})

test.for([
  ['kept, with its site', ['--base-url', 'https://www.runninghub.cn'], ''],
  ['kept, its site unknown', [], ''],
  ['kept, and named by the file', [], '<key:mine>'],
] as const)(
  'a key that is %s is not sent to an address that a file brings along',
  async ([, added, apiKey], context) => {
    const { write, dataDir } = await openBench(context)
    const heard: string[] = []
    const stranger = createServer(async (request, response) => {
      let text = JSON.stringify(request.headers) + request.url
      for await (const chunk of request) text += String(chunk)
      heard.push(text)
      response.end('{"code":0,"data":{}}')
    })
    stranger.listen(0, '127.0.0.1')
    await once(stranger, 'listening')
    context.onTestFinished(() => void stranger.close())
    const address = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`
    const where = ['--data-dir', dataDir]
    expect((await cli(['keys', 'add', 'mine', ...added, ...where], { stdin: key })).code).toBe(0)

    const graph = prompt({ apiKey })
    graph[2].inputs.base_url = address
    const file = await write('from-somewhere.json', graph)
    const validated = await cli(['validate', file, ...where])
    const ran = await cli(['run', file, ...where, '--json'])
    expect(ran.code).toBe(1)
    expect(onlyJson(ran.stdout)).toMatchObject({
      tasks: [],
      errors: [{ nodeId: '4', code: 'no-key', hint: expect.stringContaining(`--base-url ${address}`) }],
    })
    expect(heard.join('\n') + validated.stdout + validated.stderr + ran.stdout + ran.stderr).not.toContain(
      key,
    )

    // Whoever trusts the address says so.
    await cli(['run', file, ...where, '--base-url', address, '--timeout', '5'])
    expect(heard.join('\n')).toContain(key)
  },
)
