import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readWorkflow } from '../../server/workflow/index.ts'
import { catalogue } from './support.ts'

// Real files people have; they are not ours to keep in the tree, so this runs only where they lie next to it.
const folder = new URL('../../../shared/fixtures/workflows/', import.meta.url)
const open = (name: string) => readWorkflow(readFileSync(new URL(name, folder)), { catalogue })

describe.skipIf(!existsSync(folder))('real workflow files', () => {
  test('every file converts without losing a node', () => {
    const names = readdirSync(folder).filter(name => name.endsWith('.json'))
    expect(names).toHaveLength(5)
    for (const name of names) {
      const { prompt, report, keys } = open(name)
      expect(Object.keys(prompt)).toHaveLength(report.nodes)
      expect(report.kind).toBe('workflow-0.4')
      expect(report.brokenLinks).toEqual([])
      expect(keys).toEqual([])
    }
  })

  test('image to image: the uploaded file replaces the stale value of fieldValue', () => {
    const { prompt } = open('rh_image_to_image.json')
    expect(prompt['11']?.inputs).toEqual({ nodeId: 19, fieldName: 'image', fieldValue: ['9', 0] })
    expect(prompt['5']?.inputs).toEqual({ image: 'comfyui_temp_clpqa_00001__erplu.png' })
    expect(prompt['10']?.inputs).toMatchObject({
      run_timeout: 600,
      concurrency_limit: 3,
      is_webapp_task: false,
    })
    expect(prompt['6']?.inputs.workflowId_webappId).toBe('1867632304280715265')
  })

  test('apps: the space before the id goes, and the report says so', () => {
    for (const [name, id, node] of [
      ['rh_image_to_image_webapp.json', '1873567075221295105', '2'],
      ['rh_text_to_image_webapp.json', '1872916082783936513', '2'],
    ] as const) {
      const { prompt, report } = open(name)
      expect(prompt[node]?.inputs.workflowId_webappId).toBe(id)
      expect(report.notices).toMatchObject([{ code: 'id-trimmed', nodeId: node }])
    }
    const { prompt } = open('rh_image_to_image_webapp.json')
    expect(prompt['1']?.inputs).toMatchObject({ nodeId: 55, previousNodeInfoList: ['5', 0] })
    expect(prompt['3']?.inputs.is_webapp_task).toBe(true)
    expect(prompt['7']?.inputs).toEqual({ apiConfig: ['2', 0], image: ['6', 0] })
  })

  test('audio: the filler behind the file name is no value, and SaveAudio takes slot 4', () => {
    const { prompt, report } = open('rh_audio_uploader_tts.json')
    expect(prompt['19']?.inputs).toEqual({ apiConfig: ['6', 0], audio: 'hmyun.m4a' })
    expect(prompt['20']?.inputs.audio).toEqual(['10', 4])
    expect(report.unknown).toMatchObject([{ type: 'SaveAudio', pack: 'comfy-core', outputs: true }])
  })

  test('video: the values of VHS_VideoCombine are kept by name, its preview is not', () => {
    const { prompt, report, workflow } = open('rh_save_video.json')
    expect(prompt['13']?.inputs).toEqual({
      frame_rate: 30,
      loop_count: 0,
      filename_prefix: 'AnimateDiff',
      format: 'video/h264-mp4',
      pix_fmt: 'yuv420p',
      crf: 19,
      save_metadata: true,
      trim_to_audio: false,
      pingpong: false,
      save_output: true,
      images: ['10', 1],
    })
    expect(prompt['10']?.inputs.nodeInfoList).toBeUndefined()
    expect(report.unknown[0]?.pack).toBe('comfyui-videohelpersuite')
    expect(JSON.stringify(workflow)).toContain('videopreview')
  })
})
