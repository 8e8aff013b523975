import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { filesBelow, openBench } from './support.ts'

test('a workflow does not fetch files from outside its own folder', async context => {
  const bench = await openBench(context)
  const graph = (file: string) => ({
    1: {
      class_type: 'RH_SettingsNode',
      inputs: { base_url: bench.sandbox.url, apiKey: '', workflowId_webappId: '1' },
    },
    2: { class_type: 'RHB_FileUploader', inputs: { apiConfig: ['1', 0], file } },
    3: { class_type: 'PreviewAny', inputs: { source: ['2', 0] } },
  })
  const secret = await bench.write('secret.txt', 'very secret')
  const folder = join(dirname(secret), 'downloaded')
  await mkdir(folder)
  await mkdir(join(folder, '.ssh'))
  await writeFile(join(folder, '.ssh', 'id'), 'very secret')
  for (const name of ['.ssh/id', '../secret.txt', 'a/../../secret.txt', '..\\secret.txt', secret]) {
    const file = join(folder, 'a.json')
    await writeFile(file, JSON.stringify(graph(name)))
    const { report } = await bench.runJson(file)
    expect(report.status).toBe('error')
    const left = await filesBelow(bench.dataDir)
    expect(left.filter(({ bytes }) => bytes.includes('very secret'))).toEqual([])
  }
  expect(bench.sandbox.requests().filter(({ path }) => path.includes('upload'))).toEqual([])
  // What lies beside it, it may use.
  await writeFile(join(folder, 'own.txt'), 'its own')
  await writeFile(join(folder, 'a.json'), JSON.stringify(graph('own.txt')))
  expect((await bench.runJson(join(folder, 'a.json'))).report.status).toBe('success')
})
