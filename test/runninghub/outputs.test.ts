import { describe, expect, test } from 'vitest'
import { readOutputs, readResults } from '../../server/runninghub/outputs.ts'

const taskId = '1910246754753896450'
const file = (more: object) => ({
  fileUrl: 'https://x.example/output/a.png',
  fileType: 'png',
  nodeId: '9',
  ...more,
})

describe('cost', () => {
  test('is taken once per task, although every file repeats it', () => {
    const same = { consumeCoins: '51', taskCostTime: '253', consumeMoney: null, thirdPartyConsumeMoney: null }
    const { cost } = readResults([file(same), file(same), file(same), file(same)])
    expect(cost).toEqual({ coins: '51', seconds: '253', money: null, thirdPartyMoney: null })
  })

  test('is the largest where files differ', () => {
    const coins = ['9', '51', '17'].map(consumeCoins => file({ consumeCoins }))
    expect(readResults(coins).cost.coins).toBe('51')
  })

  test('keeps decimals as they were written', () => {
    const { cost } = readResults([
      file({ consumeMoney: '0.1200', thirdPartyConsumeMoney: '12345678901234567890.10', taskCostTime: 83.5 }),
    ])
    expect(cost).toEqual({
      coins: null,
      money: '0.1200',
      thirdPartyMoney: '12345678901234567890.10',
      seconds: '83.5',
    })
  })

  test('reads numbers, texts, null and nothing', () => {
    expect(readResults([file({ consumeCoins: 17, taskCostTime: 32n, consumeMoney: '' })]).cost).toEqual({
      coins: '17',
      seconds: '32',
      money: null,
      thirdPartyMoney: null,
    })
  })

  test("is found in v2's usage, and a usage of another form is no cost", () => {
    expect(readResults([], { consumeCoins: '12', taskCostTime: '0' }).cost).toMatchObject({
      coins: '12',
      seconds: '0',
    })
    expect(readResults([file({})], 'free').cost.coins).toBeNull()
  })
})

describe('results', () => {
  test('keep the order of the cloud, with types and node ids as text', () => {
    const { files } = readResults([
      file({ fileType: '.MP4', nodeId: 12 }),
      { url: 'https://x.example/b.webp?sign=1', outputType: null },
      { outputUrl: 'https://x.example/c', fileType: '' },
    ])
    expect(files).toEqual([
      { url: 'https://x.example/output/a.png', type: 'mp4', nodeId: '12' },
      { url: 'https://x.example/b.webp?sign=1', type: 'webp', nodeId: null },
      { url: 'https://x.example/c', type: '', nodeId: null },
    ])
  })

  test('that are text and no file are texts', () => {
    expect(readResults([{ text: 'a poem' }, { content: 'another', url: null }]).texts).toEqual([
      'a poem',
      'another',
    ])
  })

  test('of a form nobody knows are left out, the others stay', () => {
    expect(readResults([null, 7, { fileUrl: 5 }, file({})]).files).toHaveLength(1)
  })
})

describe('outputs', () => {
  const read = (code: number, data: unknown, msg = '') =>
    readOutputs({ code, msg, message: '', data }, taskId)

  test.each([
    [813, null, { state: 'queued' }],
    [804, null, { state: 'running' }],
    [804, {}, { state: 'running' }],
    [804, { netWssUrl: null }, { state: 'running' }],
    [804, { netWssUrl: '' }, { state: 'running' }],
    [804, { netWssUrl: 'wss://x/ws' }, { state: 'running', socketUrl: 'wss://x/ws' }],
    [0, null, { state: 'running' }],
    [0, {}, { state: 'running' }],
    [0, 'RUNNING', { state: 'running' }],
    [0, { taskStatus: 'RUNNING' }, { state: 'running' }],
  ])('code %i with %j reads as %j', (code, data, state) => {
    expect(read(code, data)).toEqual(state)
  })

  test('500 is a doubt and no end', () => {
    expect(read(500, null, '任务执行失败')).toMatchObject({ state: 'doubtful', error: { taskId } })
  })

  test('any other code is thrown, because it says nothing of the task', () => {
    expect(() => read(1005, null)).toThrow(/1005/)
    expect(() => read(807, null)).toThrow(/807/)
  })
})
