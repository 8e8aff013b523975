import { describe, expect, test } from 'vitest'
import { writeJson } from '../../server/shared/lossless-json.ts'
import { readWorkflow } from '../../server/workflow/index.ts'
import { cpuTime } from '../support/cpu-time.ts'
import { catalogue, node, read, workflow } from './support.ts'

// Made up, and put together here so that no key-shaped text stands in the tree.
const key = ['0123456789abcdef', 'fedcba9876543210'].join('')
const other = ['aaaa1111bbbb2222', 'cccc3333dddd4444'].join('')
const url = 'https://www.runninghub.cn'

/** Everything of an answer except `keys`, as text. */
const shown = ({ prompt, workflow: kept, report }: ReturnType<typeof read>) =>
  writeJson({ prompt, kept, report })

describe('keys in files', () => {
  test('a key is lifted out, and every copy of it becomes a reference', () => {
    const result = read(
      workflow(
        [
          node(1, 'RH_SettingsNode', { values: [url, ` ${key} `, '12'] }),
          node(2, 'Note', { values: [`my key is ${key}, keep it`], title: `key ${key}` }),
          node(3, 'Odd', { values: [`{"apiKey":"${key}"}`], title: `odd ${key}` }),
        ],
        [],
        { extra: { [key]: { deep: [key] }, url: `${url}/?apiKey=${key}` } },
      ),
    )
    expect(result.keys).toEqual([{ name: 'file-1', key }])
    expect(result.prompt['1']?.inputs.apiKey).toBe('<key:file-1>')
    expect(shown(result)).not.toContain(key)
    expect(writeJson(result.workflow)).toContain('my key is <key:file-1>, keep it')
    expect(result.report.keys).toEqual([{ name: 'file-1', lastFour: '…3210', nodeId: '1', input: 'apiKey' }])
  })

  test('equal keys share one name, different ones do not', () => {
    const settings = (id: number, value: string) =>
      node(id, 'RH_SettingsNode', { values: [url, value, '12'] })
    const { keys, report } = read(workflow([settings(1, key), settings(2, other), settings(3, key)]))
    expect(keys.map(({ name }) => name)).toEqual(['file-1', 'file-2'])
    expect(report.keys.map(({ name, nodeId }) => [name, nodeId])).toEqual([
      ['file-1', '1'],
      ['file-1', '3'],
      ['file-2', '2'],
    ])
  })

  test.each(['', 'YOUR_RUNNINGHUB_API_KEY', 'your-api-key', '<your key>', '<key:home>', '****'])(
    'the placeholder or reference "%s" is no key',
    value => {
      const result = read(workflow([node(1, 'RH_SettingsNode', { values: [url, value, '12'] })]))
      expect(result.keys).toEqual([])
      expect(result.prompt['1']?.inputs.apiKey).toBe(value)
    },
  )

  test('a new name never collides with a reference the file already has', () => {
    const nodes = [
      node(1, 'RH_SettingsNode', { values: [url, '<key:file-1>', '12'] }),
      node(2, 'RH_SettingsNode', { values: [url, key, '12'] }),
    ]
    expect(read(workflow(nodes)).keys[0]?.name).toBe('file-2')
  })

  test('muted nodes, unused subgraphs and stale values under links give their keys as well', () => {
    const linked = [['apiKey', 'STRING', 5, 'widget']] as [string, string, number, 'widget'][]
    const result = read(
      workflow(
        [
          node(1, 'RH_SettingsNode', { mode: 2, values: [url, key, '12'] }),
          node(2, 'RH_SettingsNode', { inputs: linked, values: [url, other, '12'] }),
          node(3, 'PrimitiveString', { outputs: ['STRING'], values: ['<key:home>'] }),
        ],
        [[5, 3, 0, 2, 0, 'STRING']],
        {
          definitions: {
            subgraphs: [
              {
                id: 'unused',
                nodes: [node(1, 'RH_SettingsNode', { values: [url, `${key.slice(4)}abcd`, ''] })],
              },
            ],
          },
        },
      ),
    )
    expect(result.keys.map(item => item.key).sort()).toEqual([key, other, `${key.slice(4)}abcd`].sort())
    expect(shown(result)).not.toMatch(new RegExp(`${key}|${other}|${key.slice(4)}abcd`))
  })

  test.each(['PrimitiveString', 'PrimitiveNode'])('a key that a %s hands over is lifted', type => {
    const inputs = [['apiKey', 'STRING', 6, 'widget']] as [string, string, number, 'widget'][]
    const result = read(
      workflow(
        [
          node(1, type, { outputs: ['STRING'], values: [key] }),
          node(2, 'Reroute', { inputs: [['', '*', 5]], outputs: ['*'] }),
          node(3, 'RH_SettingsNode', { inputs, values: [url, '', '12'] }),
        ],
        [
          [5, 1, 0, 2, 0, '*'],
          [6, 2, 0, 3, 0, 'STRING'],
        ],
      ),
    )
    expect(result.keys.map(item => item.key)).toEqual([key])
    expect(shown(result)).not.toContain(key)
    expect(shown(result)).toContain('<key:file-1>')
  })

  test('unknown nodes: by name, and by form', () => {
    const result = read(
      workflow([
        node(1, 'OtherSettings', { values: { api_key: 'sk-something-secret', model: 'x' } }),
        node(2, 'YetAnother', { values: ['a', [other]] }),
      ]),
    )
    expect(result.keys.map(item => item.key).sort()).toEqual([other, 'sk-something-secret'])
    expect(shown(result)).not.toMatch(/sk-something|aaaa1111/)
    const fromPrompt = read({ 1: { class_type: 'OtherSettings', inputs: { ApiKey: 'sk-something-secret' } } })
    expect(fromPrompt.prompt['1']?.inputs.ApiKey).toBe('<key:file-1>')
  })

  test('git hashes, uuids and file hashes are no keys', () => {
    const hash = `${key}${key}`
    const fields = {
      id: 'a',
      properties: { ver: `${key}01234567`, sha: hash },
      values: [hash, `${key}.png`, 'x'],
    }
    const result = read(workflow([node(1, 'Odd', fields)]))
    expect(result.keys).toEqual([])
  })

  test('a short key is replaced where it stands and nowhere else', () => {
    const nodes = [
      node(1, 'RH_SettingsNode', { values: [url, 'abc', '12'] }),
      node(2, 'PrimitiveString', { values: ['abc and abcd'] }),
      node(3, 'PrimitiveString', { values: ['abc'] }),
    ]
    const { prompt, workflow: kept } = read(workflow(nodes))
    expect(prompt['1']?.inputs.apiKey).toBe('<key:file-1>')
    expect(prompt['3']?.inputs.value).toBe('abc')
    expect(kept?.nodes).toMatchObject([
      { widgets_values: [url, '<key:file-1>', '12'] },
      { widgets_values: ['abc and abcd'] },
      { widgets_values: ['abc'] },
    ])
  })

  test('a hundred keys are all replaced', () => {
    const many = Array.from({ length: 100 }, (_, n) => `${key.slice(0, 29)}${String(n + 100)}`)
    const nodes = many.map((value, id) => node(id, 'RH_SettingsNode', { values: [url, value, '12'] }))
    const result = read(workflow([...nodes, node(500, 'Note', { values: [many.join(' and ')] })]))
    expect(result.keys).toHaveLength(100)
    expect(many.some(value => shown(result).includes(value))).toBe(false)
  })

  test('a secret of megabytes, and thousands that start alike, end neither in an error nor in minutes', () => {
    const long = `${key}${'x'.repeat(2_000_000)}`
    const alike = Array.from({ length: 5000 }, (_, n) =>
      node(n, 'Odd', { values: [`${key.slice(0, 27)}${10_000 + n}`] }),
    )
    const took = cpuTime()
    const result = read(workflow([...alike, node('s', 'RH_SettingsNode', { values: [url, long, '12'] })]))
    expect(result.keys).toHaveLength(5001)
    expect(shown(result)).not.toContain(key.slice(0, 27))
    expect(took()).toBeLessThan(8000)
  })

  test('whoever opens the file names the keys', () => {
    const source = writeJson(workflow([node(1, 'RH_SettingsNode', { values: [url, key, '12'] })]))
    const keyName = (n: number, end: string) => `upload ${n} ${end}`
    expect(readWorkflow(source, { catalogue, keyName }).keys[0]?.name).toBe('upload 1 …3210')
  })
})

describe('ids of cloud workflows and apps', () => {
  const idOf = (written: unknown) => {
    const { prompt, report } = read(workflow([node(1, 'RH_SettingsNode', { values: [url, '', written] })]))
    return [prompt['1']?.inputs.workflowId_webappId, ...report.notices.map(({ code }) => code)]
  }
  test.each([
    [' 1873567075221295105\n', 'id-trimmed'],
    ['https://www.runninghub.cn/workflow/1873567075221295105', 'id-from-url'],
    ['https://www.runninghub.ai/#/workflow/1873567075221295105?inviteCode=x', 'id-from-url'],
    ['https://www.runninghub.cn/comfyui/workflow/1873567075221295105/', 'id-from-url'],
    ['www.runninghub.cn/post/1873567075221295105?a=1', 'id-from-url'],
    [' https://www.runninghub.ai/ai-detail/1873567075221295105#top ', 'id-from-url'],
    [1873567075221295105n, 'id-number'],
  ])('%s is read as its id', (written, code) => {
    expect(idOf(written)).toEqual(['1873567075221295105', code])
  })

  test('clean ids and placeholders stay as they are', () => {
    expect(idOf('1873567075221295105')).toEqual(['1873567075221295105'])
    expect(idOf('your_workflow_id_here')).toEqual(['your_workflow_id_here'])
    expect(idOf('')).toEqual([''])
  })

  test('an id that JavaScript rounded is pointed out', () => {
    expect(idOf('1877265245566922800')).toEqual(['1877265245566922800', 'id-rounded'])
  })
})
