import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createCatalogue } from '../../nodes/index.ts'
import { cloudNodes } from '../../nodes/runninghub/cloud-node.ts'
import { openNodeBench } from '../support/node-bench.ts'
import { openServer } from '../support/open-server.ts'

const [cloudWorkflow, cloudApp] = cloudNodes
if (!cloudWorkflow || !cloudApp) throw new Error('they are not there')

const fields = JSON.stringify([
  { nodeId: '39', fieldName: 'image', kind: 'image', value: 'example.png' },
  { nodeId: '57:8', fieldName: 'text', kind: 'text', value: '' },
])

describe('a node for a whole cloud workflow or app', () => {
  test('sends each field by its name; a picture of the input folder is uploaded first', async () => {
    const { run, input, jobs, uploads } = await openNodeBench()
    await input('cat.png', 'picture')
    await run(
      cloudApp,
      { target: ' 1877265245566922753 ', fields },
      { more: { '39.image': 'cat.png', '57:8.text': '一只猫', '37.steps': 20, '37.on': true } },
    )
    expect(uploads).toHaveLength(1)
    expect(jobs).toMatchObject([
      {
        kind: 'app',
        settings: { targetId: '1877265245566922753', apiKey: '', baseUrl: '' },
        nodeInfoList: [
          { nodeId: '39', fieldName: 'image', fieldValue: expect.stringContaining('api/') },
          { nodeId: '57:8', fieldName: 'text', fieldValue: '一只猫' },
          { nodeId: '37', fieldName: 'steps', fieldValue: '20' },
          { nodeId: '37', fieldName: 'on', fieldValue: 'true' },
        ],
      },
    ])
  })

  test('leaves alone what is on the site already, and sends nothing for no picture', async () => {
    const { run, jobs, uploads } = await openNodeBench()
    const names = ['example.png', 'api/0123.png', 'https://example.com/a.png', '']
    for (const name of names) await run(cloudApp, { target: '1', fields }, { more: { '39.image': name } })
    expect(uploads).toEqual([])
    expect(jobs.map(job => 'nodeInfoList' in job && job.nodeInfoList.map(item => item.fieldValue))).toEqual([
      ['example.png'],
      ['api/0123.png'],
      ['https://example.com/a.png'],
      [],
    ])
  })

  test('uploads what comes along links, and says what it cannot take', async () => {
    const { run, input, uploads } = await openNodeBench()
    const asset = await input('film.mp4', 'film')
    await run(
      cloudWorkflow,
      { target: '1', fields: 'no list' },
      { more: { '5.video': { kind: 'video', asset } } },
    )
    expect(uploads.map(upload => upload.asset.name)).toEqual(['film.mp4'])
    await expect(
      run(cloudWorkflow, { target: '1', fields }, { more: { '5.x': { odd: 1 } } }),
    ).rejects.toMatchObject({ code: 'bad-field-value' })
    await expect(
      run(cloudApp, { target: '1', fields }, { more: { '39.image': 'gone.png' } }),
    ).rejects.toMatchObject({ code: 'input-missing' })
  })

  test('only names of cloud fields are inputs of it', () => {
    const { definition } = createCatalogue(cloudNodes).find('RHB_CloudApp') ?? {}
    expect(definition?.moreInputs?.('57:8.text')).toBeDefined()
    expect(definition?.moreInputs?.('text')).toBeUndefined()
  })

  test('runs in the house: checked before paying, then paid once', async () => {
    const server = await openServer()
    const prompt = (values: Record<string, unknown>) => ({
      1: {
        class_type: 'RHB_CloudApp',
        inputs: { target: '1877265245566922753', fields: '[]', ...values },
      },
      2: { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'app' } },
    })
    const wrong = await server.post('/prompt', { prompt: prompt({ '37.aspect_ratio': '16:09' }) })
    expect(wrong.status).toBe(400)
    expect(wrong.json).toMatchObject({
      node_errors: {
        1: {
          errors: [{ type: 'cloud-value-not-listed', extra_info: { fix: { '37.aspect_ratio': '16:9' } } }],
        },
      },
    })
    const { entry } = await server.runToEnd(prompt({ '37.aspect_ratio': '16:9', '52.prompt': 'a hat' }))
    expect(entry.status.status_str).toBe('success')
    expect(join(...Object.keys(entry.outputs))).toContain('2')
  })
})
