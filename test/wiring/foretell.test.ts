import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '../../server/config.ts'
import { type Bridge, createBridge } from '../../server/main.ts'
import { createSandbox, specialWorkflows } from '../../server/sandbox/index.ts'
import type { Prompt } from '../../server/shared/prompt.ts'
import { sandboxKey } from '../../server/shared/secrets.ts'

const sdxl = '1904136902449209346'
/** A picture by its first bytes; the rest is a hole. */
const pngHead = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')
const kontext = '1877265245566922753'
const upscale = '1968224578318974977'

type Item = [nodeId: string | number, fieldName: string, value: string | [string, number]]

/** Settings, a chain of node infos, one execute node `9`. The infos are nodes 20, 21, … */
function promptOf(id: string, items: readonly Item[], execute: Record<string, unknown> = {}): Prompt {
  const infos = items.map(([nodeId, fieldName, fieldValue], index) => [
    String(20 + index),
    {
      class_type: 'RH_NodeInfoListNode',
      inputs: {
        nodeId,
        fieldName,
        fieldValue,
        ...(index > 0 && { previousNodeInfoList: [String(19 + index), 0] }),
      },
    },
  ])
  return {
    2: { class_type: 'RH_SettingsNode', inputs: { base_url: '', apiKey: '', workflowId_webappId: id } },
    5: { class_type: 'PrimitiveStringMultiline', inputs: { value: 'a cat' } },
    ...Object.fromEntries(infos),
    9: {
      class_type: 'RH_ExecuteNode',
      inputs: {
        apiConfig: ['2', 0],
        ...(items.length > 0 && { nodeInfoList: [String(19 + items.length), 0] }),
        ...execute,
      },
    },
  }
}

describe('the check before paying', () => {
  let bridge: Bridge
  let sandbox: Awaited<ReturnType<typeof createSandbox>>
  let dataDir: string

  beforeAll(async () => {
    sandbox = await createSandbox({ seed: 1, speed: 500 })
    dataDir = await mkdtemp(join(tmpdir(), 'rh-foretell-'))
    bridge = await createBridge(readConfig({ dataDir, baseUrl: sandbox.url }, {}))
  })
  afterAll(async () => {
    await bridge.close()
    await sandbox.close()
    await rm(dataDir, { recursive: true, force: true })
  })

  const check = (prompt: Prompt, cloud: 'ask' | 'known' | 'off' = 'ask', force?: true) =>
    bridge.check(prompt, { cloud, force })

  const isCreate = ({ path }: { path: string }) => /\/(create|run)$/.test(path)
  const run = (checked: Awaited<ReturnType<typeof check>>) =>
    bridge.run({ checked, keys: new Map(), signal: new AbortController().signal, onEvent() {} })

  /** Whether the sandbox refuses the same prompt when nobody checks: what the check says is true. */
  async function isRefused(prompt: Prompt): Promise<boolean> {
    const before = sandbox.tasks().length
    const result = await run(await check(prompt, 'off', true))
    return result.status === 'error' && sandbox.tasks().length === before
  }

  test.each<{ what: string; prompt: Prompt; node: string; code: string; fix?: object }>([
    {
      what: 'a node that is not there (803)',
      prompt: promptOf(
        sdxl,
        [['66', 'text', 'a cat']].map(item => item as Item),
      ),
      node: '20',
      code: 'cloud-node-unknown',
    },
    {
      what: 'a misspelt field (803)',
      prompt: promptOf(sdxl, [
        ['6', 'text', ['5', 0]],
        ['3', 'sed', '5'],
      ]),
      node: '21',
      code: 'cloud-field-unknown',
      fix: { fieldName: 'seed' },
    },
    {
      what: 'a workflow that is gone (380)',
      prompt: promptOf(specialWorkflows.workflowGone.id, []),
      node: '9',
      code: 'cloud-380',
    },
    {
      what: 'a workflow that never ran (810)',
      prompt: promptOf(specialWorkflows.neverRun.id, []),
      node: '9',
      code: 'cloud-810',
    },
    {
      what: 'the id of an AI app taken for a workflow',
      prompt: promptOf(kontext, []),
      node: '9',
      code: 'cloud-other-kind',
      fix: { is_webapp_task: true },
    },
    {
      what: 'an id that a program rounded (380)',
      prompt: promptOf('1904136902449209300', []),
      node: '9',
      code: 'cloud-380',
    },
    {
      what: 'a field that another node feeds (803)',
      prompt: promptOf(sdxl, [['6', 'clip', 'x']]),
      node: '20',
      code: 'cloud-field-linked',
    },
    {
      what: 'two values for one field',
      prompt: promptOf(sdxl, [
        ['6', 'text', 'a'],
        ['6', 'text', 'b'],
      ]),
      node: '21',
      code: 'cloud-field-twice',
    },
    {
      what: 'a text where a number belongs (433)',
      prompt: promptOf(sdxl, [['3', 'steps', 'many']]),
      node: '20',
      code: 'cloud-value-type',
    },
    {
      what: 'an option that is not offered (433)',
      prompt: promptOf(kontext, [['37', 'aspect_ratio', '16:09']], { is_webapp_task: true }),
      node: '20',
      code: 'cloud-value-not-listed',
      fix: { fieldValue: '16:9' },
    },
    {
      what: 'a number above its bounds (433)',
      prompt: promptOf(upscale, [['5', 'steps', '61']], { is_webapp_task: true }),
      node: '20',
      code: 'cloud-value-bounds',
      fix: { fieldValue: '60' },
    },
    {
      what: 'a number below its bounds (433)',
      prompt: promptOf(upscale, [['5', 'upscale_by', '0.5']], { is_webapp_task: true }),
      node: '20',
      code: 'cloud-value-bounds',
      fix: { fieldValue: '1' },
    },
    {
      what: 'a picture that is missing (433)',
      prompt: promptOf(kontext, [['39', 'image', '']], { is_webapp_task: true }),
      node: '20',
      code: 'cloud-value-empty',
    },
  ])('foretells $what', async ({ prompt, node, code, fix }) => {
    const { problems, outputs } = await check(prompt)
    expect(problems).toMatchObject([{ nodeId: node, code, ...(fix && { extra: { fix } }) }])
    expect(outputs).toEqual([])
    const runs = sandbox.requests().filter(isCreate).length
    const checked = await check(prompt)
    await run(checked)
    expect(sandbox.requests().filter(isCreate).length).toBe(runs)
    expect(await isRefused(prompt)).toBe(true)
  })

  describe('an upload of more than 30 MB (809)', () => {
    const size = 30 * 1024 * 1024 + 1
    const file = async (name: string) => {
      const path = join(dataDir, 'input', name)
      await mkdir(join(dataDir, 'input'), { recursive: true })
      await writeFile(path, name.endsWith('.png') ? pngHead : 'x')
      await truncate(path, size)
      return path
    }
    const uploading = (uploader: object, more: Prompt = {}): Prompt => ({
      ...promptOf(sdxl, [['6', 'text', ['7', 0]]]),
      7: { inputs: {}, ...uploader } as Prompt[string],
      ...more,
    })

    test('is told at the uploader or the loader before anything is created; the site would refuse it', async () => {
      const path = await file('big.mp4')
      const prompt = uploading({
        class_type: 'RH_VideoUploader',
        inputs: { apiConfig: ['2', 0], video: 'big.mp4' },
      })
      const { problems, outputs } = await check(prompt, 'known')
      expect(problems).toMatchObject([{ nodeId: '7', code: 'upload-too-big', input: 'video' }])
      expect(problems[0]?.hint).toContain('public URL')
      expect(outputs).toEqual([])
      const byPath = await check(
        uploading({ class_type: 'RH_VideoUploaderPath', inputs: { apiConfig: ['2', 0], video_path: path } }),
      )
      expect(byPath.problems).toMatchObject([{ nodeId: '7', code: 'upload-too-big', input: 'video_path' }])

      expect(await isRefused(prompt)).toBe(true)
      // By the newer call, which is tried first; the old one has the same bound (test/sandbox/upload.test.ts).
      const form = new FormData()
      form.set('file', new Blob([new Uint8Array(size)], { type: 'video/mp4' }), 'big.mp4')
      const headers = { authorization: `Bearer ${sandboxKey}` }
      const call = `${sandbox.url}/openapi/v2/media/upload/binary`
      const answer = await fetch(call, { method: 'POST', headers, body: form })
      expect(await answer.json()).toMatchObject({ code: 809 })
    })

    test('is told at the picture that feeds the uploader, and at the uploader where the picture serves others too', async () => {
      await file('big.png')
      const loader: Prompt = { 6: { class_type: 'LoadImage', inputs: { image: 'big.png' } } }
      const uploader = {
        class_type: 'RH_ImageUploaderNode',
        inputs: { apiConfig: ['2', 0], image: ['6', 0] },
      }
      const { problems } = await check(uploading(uploader, loader), 'known')
      expect(problems).toMatchObject([{ nodeId: '6', code: 'upload-too-big', input: 'image' }])
      expect(problems[0]?.hint).toContain('Scale it down')

      const shown: Prompt = { 8: { class_type: 'PreviewImage', inputs: { images: ['6', 0] } } }
      const both = await check(uploading(uploader, { ...loader, ...shown }), 'known')
      expect(both.problems).toMatchObject([{ nodeId: '7', code: 'upload-too-big', input: 'image' }])
      expect(both.outputs).toEqual(['8'])
    })

    test('from 10 MB on a picture is warned of, and nothing is held up', async () => {
      await truncate(await file('large.png'), 10 * 1024 * 1024 + 1)
      const loader: Prompt = { 6: { class_type: 'LoadImage', inputs: { image: 'large.png' } } }
      const uploader = {
        class_type: 'RH_ImageUploaderNode',
        inputs: { apiConfig: ['2', 0], image: ['6', 0] },
      }
      const { problems, warnings, outputs } = await check(uploading(uploader, loader), 'known')
      expect(warnings).toMatchObject([{ nodeId: '6', code: 'upload-large', input: 'image' }])
      expect(warnings[0]?.message).toMatch(/"large\.png" has 10\.0 MB/)
      expect(problems).toEqual([])
      expect(outputs).not.toEqual([])
    })

    test('is told at a file chosen in a cloud node; an address and a file saved on the site are not looked for', async () => {
      await file('big.mp4')
      const cloud = (value: string): Prompt => ({
        1: {
          class_type: 'RHB_CloudApp',
          inputs: {
            target: kontext,
            fields: JSON.stringify([{ nodeId: '39', fieldName: 'image', kind: 'video', value: 'saved.mp4' }]),
            '39.image': value,
          },
        },
      })
      expect((await check(cloud('big.mp4'), 'known')).problems).toMatchObject([
        { nodeId: '1', code: 'upload-too-big', input: '39.image' },
      ])
      for (const fine of ['https://example.com/big.mp4', 'saved.mp4', 'api/0a.mp4'])
        expect((await check(cloud(fine), 'known')).problems).toEqual([])
    })
  })

  test('a linked field, a field twice and a value that is no number are named at the node that brings them', async () => {
    const prompt = promptOf(sdxl, [
      ['6', 'clip', 'x'],
      ['6', 'text', 'a'],
      ['6', 'text', 'b'],
      ['3', 'steps', 'many'],
    ])
    const { problems } = await check(prompt)
    expect(problems.map(({ nodeId, code }) => `${nodeId} ${code}`).toSorted()).toEqual([
      '20 cloud-field-linked',
      '22 cloud-field-twice',
      '23 cloud-value-type',
    ])
  })

  test('an option of an AI app that is not offered is mended with the one that was meant', async () => {
    const prompt = promptOf(kontext, [['37', 'aspect_ratio', '16:09']], { is_webapp_task: true })
    const { problems } = await check(prompt)
    expect(problems).toMatchObject([
      {
        nodeId: '20',
        code: 'cloud-value-not-listed',
        input: 'fieldValue',
        extra: { fix: { fieldValue: '16:9' } },
      },
    ])
  })

  test('what is right passes, and what only a run will tell is not judged', async () => {
    const { problems } = await check(
      promptOf(sdxl, [
        ['6', 'text', ['5', 0]],
        ['3', 'seed', '18446744073709551615'],
      ]),
    )
    expect(problems).toEqual([])
  })

  test('the id of a node inside a subgraph goes from a file by way of the prompt into the request', async () => {
    const file = JSON.stringify({
      nodes: [
        {
          ...{ id: 1, type: 'RH_NodeInfoListNode', widgets_values: ['57:8', 'text', 'a cat'] },
          outputs: [{ name: 'ARRAY', type: 'ARRAY', links: [2] }],
        },
        {
          ...{ id: 2, type: 'RH_SettingsNode', widgets_values: ['', '', '2024703585040211969'] },
          outputs: [{ name: 'STRUCT', type: 'STRUCT', links: [1] }],
        },
        {
          ...{ id: 3, type: 'RH_ExecuteNode', widgets_values: [600, 1, false, false] },
          inputs: [
            { name: 'apiConfig', type: 'STRUCT', link: 1 },
            { name: 'nodeInfoList', type: 'ARRAY', link: 2 },
          ],
        },
      ],
      links: [
        [1, 2, 0, 3, 0, 'STRUCT'],
        [2, 1, 0, 3, 1, 'ARRAY'],
      ],
    })
    const { prompt } = bridge.read(file)
    expect(prompt['1']?.inputs.nodeId).toBe('57:8')
    const checked = await check(prompt)
    expect(checked.problems).toEqual([])
    expect((await run(checked)).status).toBe('success')
    const create = sandbox.requests().findLast(isCreate)
    expect(create?.rawBody).toContain('{"nodeId":"57:8","fieldName":"text","fieldValue":"a cat"}')
  })

  test('an id the sandbox was never told about takes anything', async () => {
    const { problems } = await check(promptOf('2024703585040211969', [['4711', 'anything', 'x']]))
    expect(problems).toEqual([])
  })

  test('the editor asks nobody while people type; a check that asked makes it known', async () => {
    const calls = () => sandbox.requests().length
    const prompt = promptOf('1975470159655735297', [['156', 'resolution', 'x']], { is_webapp_task: true })
    const before = calls()
    expect((await check(prompt, 'known')).problems).toEqual([])
    expect(calls()).toBe(before)
    expect((await check(prompt)).problems).toHaveLength(1)
    const after = calls()
    expect((await check(prompt, 'known')).problems).toHaveLength(1)
    expect(calls()).toBe(after)
  })

  test('a site that cannot be reached holds up nothing', async () => {
    const away = await createBridge(
      readConfig(
        { dataDir: join(dataDir, 'away'), baseUrl: 'http://127.0.0.1:9', apiKey: 'x'.repeat(32) },
        {},
      ),
    )
    try {
      const { problems } = await away.check(promptOf(sdxl, [['66', 'text', 'a']]), {
        cloud: 'ask',
      })
      expect(problems).toEqual([])
    } finally {
      await away.close()
    }
  })

  test.each([
    ['my flow', /"my flow" is no workflow id/],
    ['', /names no workflow/],
  ])('an id of %j is told at the settings, once for all they feed', async (id, words) => {
    const second = { class_type: 'RH_ExecuteNode', inputs: { apiConfig: ['2', 0] } } satisfies Prompt[string]
    const { problems, outputs } = await check({ ...promptOf(id, []), 10: second }, 'known')
    expect(problems).toMatchObject([{ nodeId: '2', code: 'bad-target-id' }])
    expect(problems[0]?.message).toMatch(words)
    expect(outputs).toEqual([])
  })

  test('a site that no key may go to is warned of once, at the settings that name it', async () => {
    const folder = join(dataDir, 'stranger')
    const house = await createBridge(
      readConfig({ dataDir: folder }, { RUNNINGHUB_API_KEY: 'not-a-real-key-of-the-environment' }),
    )
    try {
      const prompt = promptOf(sdxl, [])
      const settings = {
        class_type: 'RH_SettingsNode',
        inputs: { ...prompt['2']?.inputs, base_url: 'https://other.example' },
      }
      const { problems, warnings, outputs } = await house.check({
        ...prompt,
        2: settings,
        10: { class_type: 'RH_ExecuteNode', inputs: { apiConfig: ['2', 0] } },
      })
      expect(problems).toEqual([])
      expect(outputs).toHaveLength(2)
      expect(warnings).toMatchObject([
        { nodeId: '2', code: 'no-key', message: expect.stringContaining('other.example') },
      ])
      expect(JSON.stringify(warnings)).not.toContain('not-a-real-key')
    } finally {
      await house.close()
    }
  })
})
