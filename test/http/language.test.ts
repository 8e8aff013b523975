import { expect, test } from 'vitest'
import { openServer } from '../support/open-server.ts'
import { failingPrompt } from '../support/prompts.ts'

test('errors, checks and runs are told in the language a client accepts; codes and ComfyUI’s own routes stay', async () => {
  const server = await openServer()
  const inChinese = { 'Accept-Language': 'zh-CN,zh;q=0.9' }
  const chinese = /[一-鿿]/

  const missing = await server.request('/bridge/runs/nobody', { headers: inChinese })
  expect(missing.json).toMatchObject({
    error: { code: 'no-run', message: '没有该运行。', hint: '见 /bridge/runs。' },
  })
  expect((await server.get('/bridge/runs/nobody')).json).toMatchObject({
    error: { message: 'There is no such run.' },
  })

  const prompt = { 1: { class_type: 'SaveImage', inputs: { filename_prefix: 'x' } } }
  const body = JSON.stringify({ prompt })
  const checked = await server.request('/bridge/check', { method: 'POST', body, headers: inChinese })
  expect(checked.json).toMatchObject({
    problems: [{ code: 'required_input_missing', message: '缺少输入 “images”。' }],
  })

  const { id } = await server.runToEnd(failingPrompt())
  const run = await server.request(`/bridge/runs/${id}`, { headers: inChinese })
  const { errors } = run.json as { errors: { code: string; message: string; hint: string; link?: string }[] }
  expect(errors[0]).toMatchObject({ code: 'cloud-805', message: expect.stringMatching(chinese) })
  expect(errors[0]?.hint).toMatch(chinese)
  expect(errors[0]?.link).toMatch(/^https:\/\/www\.runninghub\.cn\//)
  // The cause in one line, the traceback after it as it came.
  expect(errors[0]?.message.split('\n').length).toBeGreaterThan(1)

  const comfy = await server.request('/prompt', { method: 'POST', body, headers: inChinese })
  expect(comfy.json).toMatchObject({ error: { message: 'Prompt outputs failed validation' } })
})
