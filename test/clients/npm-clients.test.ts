import { randomUUID } from 'node:crypto'
import { CallWrapper, ComfyApi, type NodeData, PromptBuilder } from '@saintno/comfyui-sdk'
import { Client } from '@stable-canvas/comfyui-client'
import { ComfyUIClient } from 'comfy-ui-client'
import sharp from 'sharp'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import type { Prompt } from '../../server/shared/prompt.ts'
import { type HistoryEntry, openServer } from '../support/open-server.ts'
import { examplePrompt, textPrompt } from '../support/prompts.ts'

type File = { filename: string; subfolder: string; type: string }

const sizeOf = async (bytes: ArrayBuffer | Buffer) => {
  const { width, format } = await sharp(Buffer.from(bytes as ArrayBuffer)).metadata()
  return { width: width > 0, format }
}
const picture = { width: true, format: 'png' }

const builder = (prompt: Prompt, name: string, nodeId: string) =>
  new PromptBuilder(structuredClone(prompt) as unknown as NodeData, [] as string[], [name]).setOutputNode(
    name,
    nodeId,
  )

/** Progress must be seen while the task runs, so the sandbox is not at its fastest. */
const watchable = { sandboxSpeed: 50 }

test('@saintno/comfyui-sdk runs an example, sees its progress and gets its pictures', async () => {
  const server = await openServer(watchable)
  const prompt = await examplePrompt('rh_text_to_image')
  const api = await new ComfyApi(server.url, randomUUID()).init(2, 100).waitForReady()
  onTestFinished(() => api.destroy())
  const progress = new Map<string, number[]>()
  const workflow = builder(prompt, 'pictures', '5')
  const result = await new Promise<{ images: File[] }>((resolve, reject) => {
    new CallWrapper(api, workflow)
      .onProgress(({ node, value }) => progress.set(node, [...(progress.get(node) ?? []), value]))
      .onFinished(outputs => resolve((outputs as { pictures: { images: File[] } }).pictures))
      .onFailed(reject)
      .run()
      .catch(reject)
  })
  expect(result.images.length).toBeGreaterThan(0)
  for (const file of result.images) {
    const blob = await api.getImage(file)
    expect(await sizeOf(await blob.arrayBuffer())).toEqual(picture)
  }
  expect([...progress.keys()]).toContain('4')
  for (const values of progress.values()) expect(values).toEqual(values.toSorted((a, b) => a - b))
})

test('@saintno/comfyui-sdk gets the answer of a run that is over at once, the second time from the cache', async () => {
  const server = await openServer()
  const api = await new ComfyApi(server.url, randomUUID()).init(2, 100).waitForReady()
  onTestFinished(() => api.destroy())
  const prompt = textPrompt('said at once')
  for (const turn of ['first', 'second']) {
    const workflow = builder(prompt, 'text', '2')
    const result = await new Promise<unknown>((resolve, reject) => {
      new CallWrapper(api, workflow).onFinished(resolve).onFailed(reject).run().catch(reject)
    })
    expect(result, turn).toMatchObject({ text: { text: ['said at once'] } })
  }
})

test('@stable-canvas/comfyui-client runs an example, sees its progress and gets its pictures', async () => {
  const server = await openServer(watchable)
  const client = new Client({ api_host: new URL(server.url).host, WebSocket, fetch })
  onTestFinished(() => client.close())
  const progress: number[] = []
  const ended = new Promise<void>(resolve => {
    client.on('progress' as never, (data: { value: number }) => progress.push(data.value))
    client.on('execution_success' as never, () => resolve())
  })
  const connected = new Promise<void>(resolve => client.on('connected' as never, () => resolve()))
  void client.connect()
  await connected
  const { images } = await client.enqueue(await examplePrompt('rh_text_to_image'))
  await ended
  expect(images).toHaveLength(4)
  for (const image of images) {
    const { data } = image as { data: string }
    expect(await sizeOf(await (await fetch(data)).arrayBuffer())).toEqual(picture)
  }
  const { History } = await client.getHistory()
  expect(History).toHaveLength(1)
  expect(progress.length).toBeGreaterThan(0)
})

test('comfy-ui-client runs an example and gets its pictures', async () => {
  const server = await openServer(watchable)
  const client = new ComfyUIClient(new URL(server.url).host, randomUUID())
  await client.connect()
  onTestFinished(() => client.disconnect())
  const results = await client.getImages((await examplePrompt('rh_text_to_image')) as never)
  const images = Object.values(results).flat()
  expect(images.length).toBeGreaterThan(0)
  for (const { blob } of images) expect(await sizeOf(await blob.arrayBuffer())).toEqual(picture)
})

test('comfy-ui-client reads every other answer it asks for', async () => {
  const server = await openServer()
  const client = new ComfyUIClient(new URL(server.url).host, randomUUID())
  expect(await client.getEmbeddings()).toEqual([])
  expect(await client.getExtensions()).toEqual([])
  expect((await client.getSystemStats()).devices).toHaveLength(1)
  expect(await client.getPrompt()).toEqual({ exec_info: { queue_remaining: 0 } })
  expect(await client.getQueue()).toEqual({ queue_running: [], queue_pending: [] })
  await client.interrupt()
  const { id } = await server.runToEnd(textPrompt())
  const history = (await client.getHistory(id)) as unknown as Record<string, HistoryEntry>
  expect(history[id]?.outputs).toHaveProperty('2')
  await client.editHistory({ clear: true })
  expect(await client.getHistory()).toEqual({})
  const bytes = await sharp({ create: { width: 8, height: 8, channels: 4, background: '#f008' } })
    .png()
    .toBuffer()
  const uploaded = await client.uploadImage(bytes, 'a.png')
  expect(uploaded).toEqual({ name: 'a.png', subfolder: '', type: 'input' })
  const mask = await client.uploadMask(bytes, 'mask.png', { filename: 'a.png', subfolder: '', type: 'input' })
  expect(mask).toEqual({ name: 'mask.png', subfolder: '', type: 'input' })
  await expect(client.queuePrompt({} as never)).rejects.toThrow(/no outputs/i)
})
