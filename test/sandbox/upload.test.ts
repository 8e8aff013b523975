import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { sandboxKey } from '../../server/sandbox/index.ts'
import { bytesOf, formOf, openBench, sdxl } from './support.ts'

const bytes = new Uint8Array([1, 2, 3, 4])
const hash = createHash('sha256').update(bytes).digest('hex')

async function openUploads() {
  const bench = await openBench()
  const send = async (path: string, body: BodyInit, headers: Record<string, string> = {}) => {
    const response = await fetch(bench.sandbox.url + path, { method: 'POST', body, headers })
    return (await response.json()) as { code: number; message?: string; data: Record<string, string> | null }
  }
  return {
    ...bench,
    sendV1: (body: FormData) => send('/task/openapi/upload', body),
    sendV2: (body: FormData, key = sandboxKey) =>
      send('/openapi/v2/media/upload/binary', body, { authorization: `Bearer ${key}` }),
    send,
  }
}

test('the old upload names a file by its content and echoes fileType', async () => {
  const { sendV1 } = await openUploads()
  const answer = await sendV1(formOf(bytes, 'a b.PNG', { apiKey: sandboxKey, fileType: 'image' }))
  expect(answer).toEqual({
    code: 0,
    msg: 'success',
    data: { fileName: `api/${hash}.png`, fileType: 'image' },
  })
  const zip = await sendV1(formOf(bytes, 'a.zip', { apiKey: sandboxKey }))
  expect(zip.data).toEqual({ fileName: hash, fileType: 'input' })
})

test('the new upload says message, gives a size as text and a link that works', async () => {
  const { sendV2 } = await openUploads()
  const answer = await sendV2(formOf(bytes, 'x.mp4'))
  expect(answer).toMatchObject({
    code: 0,
    message: 'success',
    data: { type: 'video', fileName: `openapi/${hash}.mp4`, size: '4' },
  })
  expect([...(await bytesOf(answer.data?.download_url ?? '')).bytes]).toEqual([...bytes])
})

test('an upload wants a key and a file', async () => {
  const { sendV1, sendV2 } = await openUploads()
  expect((await sendV1(formOf(bytes, 'a.png'))).code).toBe(802)
  expect((await sendV2(formOf(bytes, 'a.png'), 'invalid')).code).toBe(401)
  const form = new FormData()
  form.set('apiKey', sandboxKey)
  expect((await sendV1(form)).code).toBe(301)
})

test('30 MB pass and one byte more is refused with 809', async () => {
  const { sendV1, sendV2 } = await openUploads()
  const limit = 30 * 1024 * 1024
  expect((await sendV1(formOf(new Uint8Array(limit), 'a.png', { apiKey: sandboxKey }))).code).toBe(0)
  expect((await sendV1(formOf(new Uint8Array(limit + 1), 'a.png', { apiKey: sandboxKey }))).code).toBe(809)
  expect((await sendV2(formOf(new Uint8Array(limit + 1), 'a.png'))).code).toBe(809)
})

test('a multipart body cut short is refused and noted', async () => {
  const { send, sandbox } = await openUploads()
  const headers = { 'content-type': 'multipart/form-data; boundary=x' }
  const cut = '--x\r\ncontent-disposition: form-data; name="file"; filename="a.png"\r\n\r\nabc'
  expect((await send('/task/openapi/upload', cut, headers)).code).toBe(301)
  expect((await send('/task/openapi/upload', '{}', { 'content-type': 'application/json' })).code).toBe(301)
  expect(sandbox.violations().map(violation => violation.rule)).toEqual([
    'malformed-multipart',
    'malformed-multipart',
  ])
})

test('a LoRA goes to a signed address that checks its digest', async () => {
  const { post } = await openUploads()
  const md5Hex = createHash('md5').update(bytes).digest('hex')
  const { json } = await post('/api/openapi/getLoraUploadUrl', { loraName: 'x', md5Hex })
  const { fileName, url } = json.data as { fileName: string; url: string }
  expect(fileName).toBe(`api-lora-cn/${md5Hex}.safetensors`)
  const put = async (address: string, body: Uint8Array<ArrayBuffer>) =>
    (await fetch(address, { method: 'PUT', body, headers: { 'content-type': 'application/octet-stream' } }))
      .status
  expect(await put(url, bytes)).toBe(200)
  expect(await put(url, new Uint8Array([9]))).toBe(400)
  expect(await put(url.replace(/sign=.*/, 'sign=0'), bytes)).toBe(403)
})

test('a webhook is told the result, again after a failure, and can be asked about', async () => {
  const received: string[] = []
  const hook = createServer((request, response) => {
    request.setEncoding('utf8')
    let body = ''
    request.on('data', chunk => {
      body += chunk
    })
    request.on('end', () => {
      received.push(body)
      response.writeHead(received.length === 1 ? 500 : 200).end('ok')
    })
  })
  await new Promise<void>(resolve => hook.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void hook.close())
  const { create, post } = await openUploads()
  const webhookUrl = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/done`
  const taskId = await create(sdxl, [], { webhookUrl })
  const detail = async () =>
    (await post('/task/openapi/getWebhookDetail', { taskId })).json.data as Record<string, string> | null
  while ((await detail())?.callbackStatus !== 'SUCCESS');
  expect(received).toHaveLength(2)
  const event = JSON.parse(received[1] ?? '')
  expect(event).toMatchObject({ event: 'TASK_END', taskId })
  const { data } = JSON.parse(event.eventData)
  expect(data).toMatchObject([{ fileType: 'png', nodeId: '9', taskCostTime: expect.any(Number) }])
  expect(data[0]).not.toHaveProperty('consumeCoins')
  expect(await detail()).toMatchObject({ userApiKey: '****', taskId, retryCount: 1, webhookUrl })
  const webhookId = (await detail())?.id
  expect((await post('/task/openapi/retryWebhook', { webhookId, webhookUrl })).json.code).toBe(0)
  expect((await post('/task/openapi/retryWebhook', { webhookId: taskId, webhookUrl })).json.code).toBe(807)
})

test('a webhook to another machine is not posted', async () => {
  const { create, finished, post } = await openUploads()
  const taskId = await create(sdxl, [], { webhookUrl: 'http://192.0.2.1/hook' })
  await finished(taskId)
  const { json } = await post('/task/openapi/getWebhookDetail', { taskId })
  expect(json.data).toMatchObject({ callbackStatus: 'FAILED', retryCount: 0 })
})
