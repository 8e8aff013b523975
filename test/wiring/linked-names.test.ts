import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Prompt } from '../../server/shared/prompt.ts'
import { openHouse, settings } from './open-house.ts'

const node = (class_type: string, inputs: Record<string, unknown> = {}) => ({ class_type, inputs })
const called = (value: string) => node('PrimitiveString', { value })
const target = '1904136902449209346'

/** Graphs that name a file along a link, and have RunningHub do something with it. */
const graphs: Record<string, Record<string, unknown>> = {
  RHB_LoadTextLines: {
    name: called('words.txt'),
    lines: node('RHB_LoadTextLines', { text: '', file: ['name', 0], skip_empty: true, start: 0, limit: 0 }),
    info: node('RH_NodeInfoListNode', { nodeId: 6, fieldName: 'text', fieldValue: ['lines', 0] }),
    s: settings(target),
    task: node('RH_ExecuteNode', { apiConfig: ['s', 0], nodeInfoList: ['info', 0] }),
  },
  RHB_CloudWorkflow: {
    name: called('words.txt'),
    task: node('RHB_CloudWorkflow', {
      target: '2099100000000000777',
      fields: JSON.stringify([{ nodeId: '6', fieldName: 'file', kind: 'file' }]),
      '6.file': ['name', 0],
    }),
  },
  RHB_FileUploader: {
    name: called('words.txt'),
    s: settings('2099100000000000777'),
    upload: node('RHB_FileUploader', { apiConfig: ['s', 0], file: ['name', 0] }),
    info: node('RH_NodeInfoListNode', { nodeId: 6, fieldName: 'text', fieldValue: ['upload', 0] }),
    task: node('RH_ExecuteNode', { apiConfig: ['s', 0], nodeInfoList: ['info', 0] }),
  },
  RH_UploadFile: {
    name: called('words.txt'),
    c: node('RH_Config', {
      api_key: '',
      workflow_or_app_id: '2099100000000000777',
      base_url: 'https://www.runninghub.cn',
    }),
    upload: node('RH_UploadFile', {
      config: ['c', 0],
      node_id: '6',
      field_name: 'text',
      file_path: ['name', 0],
    }),
    task: node('RH_Execute', { config: ['c', 0], timeout: 600, params: ['upload', 0], save_to_local: false }),
  },
  RH_UploadAudio: {
    name: called('words.wav'),
    c: node('RH_Config', {
      api_key: '',
      workflow_or_app_id: '2099100000000000777',
      base_url: 'https://www.runninghub.cn',
    }),
    upload: node('RH_UploadAudio', {
      config: ['c', 0],
      audio_path: ['name', 0],
      node_id: '6',
      field_name: 'audio',
    }),
    task: node('RH_Execute', { config: ['c', 0], timeout: 600, params: ['upload', 1], save_to_local: false }),
  },
}

for (const [type, graph] of Object.entries(graphs)) {
  test(`${type}: another file under a name that comes along a link is another input, the same one is not`, async () => {
    const house = await openHouse()
    const input = join(house.dataDir, 'input')
    await mkdir(input, { recursive: true })
    const write = async (text: string) => {
      for (const name of ['words.txt', 'words.wav']) await writeFile(join(input, name), text)
    }
    const run = async () => {
      const { result } = await house.runPrompt(graph as unknown as Prompt, { force: [] })
      expect(result.errors).toEqual([])
      return house.sandbox.tasks().length
    }
    await write('one')
    expect(await run()).toBe(1)
    expect(await run()).toBe(1)
    await write('two')
    expect(await run()).toBe(2)
    expect(await run()).toBe(2)
  })
}
