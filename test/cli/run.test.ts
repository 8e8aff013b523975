import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { basename, isAbsolute, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { specialWorkflows } from '../../server/sandbox/index.ts'
import { cli, examples, openBench, prompt } from './support.ts'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

describe.concurrent('a run that succeeds', () => {
  test('with --json gives one object with everything in it', async context => {
    const { runJson, write, dataDir } = await openBench(context)
    const { code, report, stderr } = await runJson(await write('a.json', prompt()), [], { isAlone: true })
    expect(code).toBe(0)
    expect(stderr).toBe('')
    expect(report).toMatchObject({
      status: 'success',
      runId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      errors: [],
      tasks: [{ nodeId: '4', status: 'success', coins: expect.stringMatching(/^\d+$/), money: null }],
    })
    const saved = report.outputs.find(({ nodeId }) => nodeId === '5')
    expect(saved).toMatchObject({ type: 'SaveImage', text: null })
    expect(saved?.files).toHaveLength(4)
    for (const { path, kind, bytes, sha256: hash } of saved?.files ?? []) {
      expect(isAbsolute(path) && path.startsWith(join(dataDir, 'output'))).toBe(true)
      expect(kind).toBe('image')
      const content = await readFile(path)
      expect([content.length, sha256(content)]).toEqual([bytes, hash])
    }
  })

  test('in a pipe gives plain lines, the files on standard output, and no terminal codes', async context => {
    const { run, write } = await openBench(context)
    const { code, stdout, stderr } = await run(await write('a.json', prompt()), [], { isAlone: true })
    expect(code).toBe(0)
    expect(stdout.trimEnd().split('\n')).toHaveLength(4)
    expect(stdout).toMatch(/^rh-cli-\w+\/data\/output\/made_00001_\.png \(\d[\d.]* [KM]?B?.*\)$/m)
    expect(stdout + stderr).not.toContain('\u001b')
    expect(stderr).toMatch(/^\[0:00\] Cloud \(4\): RunningHub task \d{19}$/m)
    expect(stderr).toMatch(/^RunningHub task \d{19}: success · \d+ s · \d+ coins · 4 files, \d+ KB$/m)
    expect(stderr).toMatch(/^Done after 0:0\d\.$/m)
  })

  test('--output-dir and --input-dir take the place of those in the data folder', async context => {
    const { runJson, write, dataDir } = await openBench(context)
    const file = await write('a.json', prompt())
    const elsewhere = join(dataDir, '..', 'elsewhere')
    const { report } = await runJson(file, ['--output-dir', elsewhere, '--no-metadata'])
    expect(report.outputs.flatMap(({ files }) => files).every(({ path }) => path.startsWith(elsewhere))).toBe(
      true,
    )
    expect((await readdir(elsewhere)).length).toBe(4)
  })
})

describe.concurrent('--set', () => {
  test.for<[string, string]>([
    ['by id', '2.workflowId_webappId=1904136902449209346'],
    ['by title', 'Site.workflowId_webappId=1904136902449209346'],
    ['by a title in other letters', 'site.workflowId_webappId=1904136902449209346'],
    ['by type', 'RH_SettingsNode.workflowId_webappId=1904136902449209346'],
  ])('%s changes the value', async ([_what, set], context) => {
    const { runJson, write, sandbox } = await openBench(context)
    const { code } = await runJson(await write('a.json', prompt()), ['--set', set])
    expect(code).toBe(0)
    expect(sandbox.tasks()[0]?.targetId).toBe('1904136902449209346')
  })

  test.for<[string, string]>([
    ['2', 'Write --set NODE.INPUT=VALUE'],
    ['2.x', 'Write --set NODE.INPUT=VALUE'],
    ['=x', 'Write --set NODE.INPUT=VALUE'],
    ['.x=1', 'Write --set NODE.INPUT=VALUE'],
    ['9.x=1', 'The nodes: 2 (Site), 4 (Cloud), 5 (SaveImage).'],
    ['2.nothing=1', 'Its inputs: base_url, apiKey, workflowId_webappId.'],
  ])('%s is refused with a sentence, and nothing is started', async ([set, hint], context) => {
    const { run, write, sandbox } = await openBench(context)
    const { code, stdout, stderr } = await run(await write('a.json', prompt()), ['--set', set])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(hint)
    expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(2)
    expect(sandbox.requests()).toEqual([])
  })

  test('a title that two nodes have is refused with both ids', async context => {
    const { run, write } = await openBench(context)
    const twice = {
      ...prompt(),
      6: { class_type: 'PreviewImage', inputs: { images: ['4', 0] }, _meta: { title: 'Cloud' } },
    }
    const { code, stderr } = await run(await write('a.json', twice), ['--set', 'Cloud.run_timeout=5'])
    expect(code).toBe(2)
    expect(stderr).toContain('"Cloud" names 2 nodes: 4, 6.')
  })
})

describe.concurrent('a run that fails', () => {
  test('ends with 1, names node and task, and says it once', async context => {
    const { run, runJson, write } = await openBench(context)
    const file = await write('a.json', prompt({ targetId: specialWorkflows.fails.id }))
    const { code, report } = await runJson(file)
    expect(code).toBe(1)
    expect(report).toMatchObject({
      status: 'error',
      errors: [
        {
          nodeId: '4',
          nodeType: 'RH_ExecuteNode',
          code: 'cloud-805',
          message: expect.stringContaining('node 3 (KSampler)'),
          hint: expect.stringMatching(/\w/),
          taskId: expect.stringMatching(/^\d{19}$/),
        },
      ],
      tasks: [{ status: 'failed' }],
    })
    const plain = await run(file, [], { isAlone: true })
    expect(plain.code).toBe(1)
    expect(plain.stderr.match(/The cloud task failed/g)).toHaveLength(1)
    expect(plain.stderr).toMatch(/^✖ Node 4 \(RH_ExecuteNode\): The cloud task failed .* \[task \d{19}\]$/m)
  })

  test('for a type that is not there still runs the rest, and says it once', async context => {
    const { run, runJson, write, sandbox } = await openBench(context)
    const graph = { ...prompt(), 9: { class_type: 'Nobody_Has_This', inputs: { images: ['4', 1] } } }
    const file = await write('a.json', graph)
    const { code, stderr, stdout } = await run(file)
    expect(code).toBe(1)
    expect(stderr.match(/Nobody_Has_This" cannot run here/g)).toHaveLength(1)
    expect(stderr).not.toContain('may not be installed')
    expect(stderr).toContain('Running what can run: 2 outputs.')
    expect(stdout.trimEnd().split('\n')).toHaveLength(4)
    const { report } = await runJson(file, ['--no-cache'])
    expect(report.errors).toEqual([
      {
        nodeId: '9',
        nodeType: 'Nobody_Has_This',
        code: 'missing_node_type',
        message: '"Nobody_Has_This" cannot run here. Everything that does not need it still runs.',
        hint: null,
        taskId: null,
      },
    ])
    expect(sandbox.tasks()).toHaveLength(2)
  })

  test('for a missing picture says which, once, and creates nothing', async context => {
    const { run, write, sandbox } = await openBench(context)
    const graph = {
      1: { class_type: 'LoadImage', inputs: { image: 'gone.png' } },
      5: { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'x' } },
    }
    const { code, stderr } = await run(await write('a.json', graph))
    expect(code).toBe(1)
    expect(stderr.match(/gone\.png/g)).toHaveLength(1)
    expect(sandbox.requests()).toEqual([])
  })

  test('for a graph without outputs says so', async context => {
    const { runJson, write } = await openBench(context)
    const { code, report } = await runJson(
      await write('a.json', { 1: { class_type: 'PrimitiveString', inputs: { value: 'x' } } }),
    )
    expect(code).toBe(1)
    expect(report.errors).toMatchObject([{ code: 'prompt_no_outputs' }])
  })

  test('for a lost create says that a paid task may exist, and has sent one', async context => {
    const { runJson, write, sandbox } = await openBench(context, {
      faults: [{ on: 'create', do: { kind: 'commit-then-http', status: 502 } }],
    })
    const { code, report } = await runJson(await write('a.json', prompt()))
    expect(code).toBe(1)
    expect(report.errors[0]).toMatchObject({ code: 'cloud-create-unknown', nodeId: '4' })
    expect(sandbox.tasks()).toHaveLength(1)
  })
})

test.concurrent('without an account and a sandbox it says what is missing', async context => {
  const { dataDir, write } = await openBench(context)
  const file = await write('a.json', prompt())
  const { code, stdout } = await cli(['run', file, '--data-dir', dataDir, '--sandbox', 'off', '--json'])
  expect(code).toBe(1)
  expect(JSON.parse(stdout).errors[0]).toMatchObject({
    code: 'no-key',
    nodeId: '4',
    message: 'There is no API key for www.runninghub.cn.',
  })
})

test.concurrent('ids and seeds beyond 2^53 arrive digit for digit', async context => {
  const { runJson, write, sandbox } = await openBench(context)
  const graph = `{
    "1": {"class_type":"RH_NodeInfoListNode","inputs":{"nodeId":3,"fieldName":"seed","fieldValue":18446744073709551615}},
    "2": {"class_type":"RH_SettingsNode","inputs":{"base_url":"https://www.runninghub.cn","apiKey":"","workflowId_webappId":1877265245566922753}},
    "4": {"class_type":"RH_ExecuteNode","inputs":{"apiConfig":["2",0],"nodeInfoList":["1",0],"is_webapp_task":true}}
  }`
  await runJson(await write('a.json', graph))
  const [create] = sandbox.requests().filter(({ path }) => path === '/task/openapi/ai-app/run')
  expect(create?.rawBody).toContain('"webappId":1877265245566922753,')
  expect(create?.rawBody).toMatch(/"fieldValue":"?18446744073709551615"?/)
})

describe.concurrent('the examples', () => {
  test.for<[string, number]>([
    ['rh_text_to_image.json', 1],
    ['rh_text_to_image_webapp.json', 1],
    ['rh_image_to_image.json', 1],
  ])('%s runs with %i task', async ([name, tasks], context) => {
    const { runJson, sandbox } = await openBench(context)
    const { code, report } = await runJson(join(examples, name))
    expect([code, report.errors]).toEqual([0, []])
    expect(report.outputs.flatMap(({ files }) => files).length).toBeGreaterThan(0)
    expect(sandbox.tasks()).toHaveLength(tasks)
  })

  test('rh_chain.json gives the first picture, as it was downloaded, to the second task', async context => {
    const { runJson, sandbox, dataDir } = await openBench(context)
    const { code, report } = await runJson(join(examples, 'rh_chain.json'))
    expect([code, report.errors]).toEqual([0, []])
    const [first, second] = sandbox.tasks()
    expect(second?.createdAt).toBeGreaterThanOrEqual(first?.endedAt ?? Number.POSITIVE_INFINITY)
    const folder = join(dataDir, 'results', first?.taskId ?? '')
    const [name = ''] = (await readdir(folder)).sort()
    const hash = sha256(await readFile(join(folder, name)))
    const uploads = second?.nodeInfoList.map(({ fieldValue }) => basename(String(fieldValue), '.png'))
    expect(uploads).toContain(hash)
  })

  test('rh_parallel.json runs its three tasks at the same time', async context => {
    const { runJson, sandbox } = await openBench(context, { speed: 5 })
    const { code } = await runJson(join(examples, 'rh_parallel.json'))
    expect(code).toBe(0)
    const tasks = sandbox.tasks()
    expect(tasks).toHaveLength(3)
    const lastStart = Math.max(...tasks.map(({ createdAt }) => createdAt))
    const firstEnd = Math.min(...tasks.map(({ endedAt }) => endedAt ?? 0))
    expect(lastStart).toBeLessThan(firstEnd)
  })
})
