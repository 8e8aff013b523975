import { describe, expect, test } from 'vitest'
import { noCost } from '../../server/runninghub/index.ts'
import { openNodeBench } from '../support/node-bench.ts'
import { someSettings as apiConfig, nodeOf } from './support.ts'

describe('RH_TaskResult', () => {
  const node = nodeOf('RH_TaskResult')

  test('fetches the task it is told, and creates none', async () => {
    const source = await openNodeBench()
    const asset = await source.input('a.txt', 'a poem')
    const files = [{ asset, type: 'txt', cloudNodeId: null }]
    const bench = await openNodeBench({ result: { taskId: '1', files, texts: [], cost: noCost } })
    const outputs = await bench.run(node, { apiConfig, task_id: '1910246754753896450', run_timeout: 30 })
    expect(bench.asked).toEqual([{ settings: apiConfig, taskId: '1910246754753896450', timeoutMs: 30_000 }])
    expect(bench.jobs).toEqual([])
    expect(outputs).toMatchObject({ text: 'a poem', task_id: '1910246754753896450' })
  })
})

describe('RH_TaskControl', () => {
  const node = nodeOf('RH_TaskControl')
  const task_id = ' 42 '

  test('says how the task stands', async () => {
    const bench = await openNodeBench()
    const outputs = await bench.run(node, { apiConfig, task_id, action: 'status' })
    expect(outputs).toEqual({
      status: 'RUNNING',
      report: 'Task 42: RUNNING.',
      task_id: '42',
      ui: { text: ['Task 42: RUNNING.'] },
    })
  })

  test('says what it cost, or why it failed', async () => {
    const cost = { ...noCost, coins: '17' }
    const done = await openNodeBench({ look: { status: 'SUCCESS', cost } })
    expect(await done.run(node, { apiConfig, task_id, action: 'status' })).toMatchObject({
      report: 'Task 42: SUCCESS. It cost 17 coins.',
    })
    const failed = await openNodeBench({
      look: { status: 'FAILED', reason: 'The cloud task failed: no memory', cost: noCost },
    })
    expect(await failed.run(node, { apiConfig, task_id, action: 'status' })).toMatchObject({
      report: 'Task 42: FAILED. The cloud task failed: no memory',
    })
  })

  test('cancels, and says when there was nothing to cancel', async () => {
    const bench = await openNodeBench()
    expect(await bench.run(node, { apiConfig, task_id, action: 'cancel' })).toMatchObject({
      status: 'CANCELLED',
    })
    const done = await openNodeBench({ look: { status: 'SUCCESS', cost: noCost } })
    expect(await done.run(node, { apiConfig, task_id, action: 'cancel' })).toMatchObject({
      status: 'SUCCESS',
      report: expect.stringContaining('nothing to cancel'),
    })
  })

  test('is asked anew in every run, and is the same work when one goes on after a crash', async () => {
    const { assets } = await openNodeBench()
    const mark = (runId: string) =>
      node.fingerprint?.({
        inputs: {},
        isLinked: () => false,
        work: { runId, nodeId: '1' },
        assets,
        cloud: { siteOf: async () => '' },
      })
    expect(await mark('a')).not.toBe(await mark('b'))
    expect(await mark('a')).toBe(await mark('a'))
    expect(node.cacheForMs).toBe(0)
  })
})

test('RH_AccountStatus tells balance and slots', async () => {
  const bench = await openNodeBench()
  expect(await bench.run(nodeOf('RH_AccountStatus'), { apiConfig })).toMatchObject({
    report: 'NORMAL: 100 coins; 1 running of 3 at a time',
    coins: '100',
    money: '',
    running: 1,
    limit: 3,
    kind: 'NORMAL',
  })
  const keyStatus = { kind: '', coins: null, money: '9', currency: 'CNY', running: null, limit: null }
  const silent = await openNodeBench({ keyStatus })
  expect(await silent.run(nodeOf('RH_AccountStatus'), { apiConfig })).toMatchObject({
    report: 'unknown kind of key: 9 CNY; an unknown number of running',
  })
})

describe('quick create', () => {
  const node = nodeOf('RH_QuickCreate')

  test('runs an app with its code', async () => {
    const bench = await openNodeBench()
    const nodeInfoList = [{ nodeId: '52', fieldName: 'prompt', fieldValue: 'x' }]
    await bench.run(node, { apiConfig, quick_create_code: ' 006 ', nodeInfoList })
    expect(bench.jobs).toEqual([
      {
        settings: apiConfig,
        kind: 'quick',
        quickCreateCode: '006',
        nodeInfoList,
        timeoutMs: 600_000,
        concurrency: 1,
      },
    ])
  })

  test('a code is wanted before anything runs', async () => {
    const { assets } = await openNodeBench()
    const check = node.validate.get('quick_create_code')
    expect(await check?.(' ', { assets })).toMatchObject({ message: expect.stringContaining('no quick') })
    expect(await check?.('006', { assets })).toBeUndefined()
  })

  test('a style of the library comes apart; without a name there is the list', async () => {
    const loras = [{ fileName: 'a.safetensors', weight: '0.8' }]
    const styles = [
      { name: '写实', category: 'style', key: 'input1', content: 'photo', trigger: 'tr', loras },
      { name: '水彩', category: 'style', key: 'input2', content: 'water', trigger: '', loras: [] },
    ]
    const bench = await openNodeBench({ styles })
    const style = nodeOf('RH_QuickStyle')
    expect(await bench.run(style, { apiConfig, style: '写实' })).toMatchObject({
      key: 'input1',
      content: 'photo',
      trigger: 'tr',
      lora1: 'a.safetensors',
      weight1: '0.8',
      lora2: '',
    })
    expect(await bench.run(style, { apiConfig, style: '' })).toMatchObject({ names: '写实\n水彩', key: '' })
    await expect(bench.run(style, { apiConfig, style: 'x' })).rejects.toMatchObject({
      code: 'no-such-style',
      hint: expect.stringContaining('写实, 水彩'),
    })
  })
})

describe('RH_WorkflowRun', () => {
  const node = nodeOf('RH_WorkflowRun')
  const workflow = '{"6":{"class_type":"A","inputs":{}}}'

  test('sends a graph of its own with all a create can say', async () => {
    const bench = await openNodeBench()
    await bench.run(node, {
      apiConfig,
      workflow,
      instance_type: 'ultra',
      add_metadata: false,
      use_personal_queue: true,
      retain_seconds: 60,
      access_password: ' open ',
    })
    expect(bench.jobs).toEqual([
      {
        settings: apiConfig,
        kind: 'workflow',
        workflow,
        nodeInfoList: [],
        instanceType: 'ultra',
        addMetadata: false,
        usePersonalQueue: true,
        retainSeconds: 60,
        accessPassword: 'open',
        timeoutMs: 600_000,
        concurrency: 1,
      },
    ])
  })

  test('says nothing of what is left as it is', async () => {
    const bench = await openNodeBench()
    const plain = { add_metadata: true, retain_seconds: 0, access_password: '' }
    await bench.run(node, { apiConfig, workflow: '', instance_type: 'default', ...plain })
    const [job] = bench.jobs
    expect(Object.keys(job ?? {}).sort()).toEqual([
      'concurrency',
      'kind',
      'nodeInfoList',
      'settings',
      'timeoutMs',
      'workflow',
    ])
  })

  test('a time the cloud does not take is told before the run', async () => {
    const { assets } = await openNodeBench()
    const check = node.validate.get('retain_seconds')
    expect(await check?.(5, { assets })).toMatchObject({ hint: expect.stringContaining('10 to 180') })
    expect(await check?.(0, { assets })).toBeUndefined()
  })
})
