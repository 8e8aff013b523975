import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createBridge, type RunEvent } from '../../server/library.ts'
import { createSandbox } from '../../server/sandbox/index.ts'

const example = join(import.meta.dirname, '../../examples/rh_text_to_image.json')

async function openHouse() {
  const sandbox = await createSandbox({ seed: 1, speed: 500 })
  const dataDir = await mkdtemp(join(tmpdir(), 'rh-library-'))
  const bridge = await createBridge({ dataDir, baseUrl: sandbox.url })
  onTestFinished(async () => {
    await bridge.close()
    await sandbox.close()
    await rm(dataDir, { recursive: true, force: true })
  })
  return { bridge, sandbox }
}

test('runs a file with values, tells its events, and the second time pays nothing', async () => {
  const { bridge, sandbox } = await openHouse()
  const events: RunEvent['type'][] = []
  const how = { set: { '6.value': '一只猫' }, onEvent: (event: RunEvent) => events.push(event.type) }
  const report = await bridge.run(example, how)
  expect(report).toMatchObject({ status: 'success', errors: [], tasks: [{ status: 'success' }] })
  expect(events[0]).toBe('run-started')
  expect(events.at(-1)).toBe('run-finished')
  await bridge.run(example, how)
  expect(sandbox.tasks()).toHaveLength(1)
})

test('takes a prompt as an object, and bytes; what is wrong is told without running', async () => {
  const { bridge } = await openHouse()
  const prompt = {
    1: { class_type: 'PrimitiveString', inputs: { value: 'hello' } },
    2: { class_type: 'PreviewAny', inputs: { source: ['1', 0] } },
  }
  expect((await bridge.run(prompt)).outputs).toMatchObject([{ nodeId: '2', text: 'hello' }])
  expect(await bridge.validate(await readFile(example))).toMatchObject({ problems: [] })
  const wrong = await bridge.validate({ 1: { class_type: 'PreviewAny', inputs: {} } })
  expect(wrong).toMatchObject({ outputs: [], problems: [{ nodeId: '1', code: 'required_input_missing' }] })
  await expect(bridge.run('there/is/none.json')).rejects.toMatchObject({ code: 'file' })
})

test('a graph that is no file finds no files beside it: nobody put them there for it', async () => {
  const { bridge, sandbox } = await openHouse()
  const folder = await mkdtemp(join(tmpdir(), 'rh-others-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'private.txt'), 'of somebody else')
  const graph = {
    1: {
      class_type: 'RH_SettingsNode',
      inputs: { base_url: sandbox.url, apiKey: '', workflowId_webappId: '1' },
    },
    2: {
      class_type: 'RHB_FileUploader',
      inputs: { apiConfig: ['1', 0], file: `${basename(folder)}/private.txt` },
    },
    3: { class_type: 'PreviewAny', inputs: { source: ['2', 0] } },
  }
  expect((await bridge.run(graph)).status).toBe('error')
  expect(sandbox.requests().filter(({ path }) => path.includes('upload'))).toEqual([])
})

test('is stopped by its signal, and RunningHub is told', async () => {
  const { bridge, sandbox } = await openHouse()
  const stop = new AbortController()
  const report = await bridge.run(example, {
    signal: stop.signal,
    onEvent: event => event.type === 'node-task-changed' && stop.abort(),
  })
  expect(report.status).toBe('interrupted')
  expect(sandbox.tasks().map(task => task.state)).toEqual(['CANCEL'])
})
