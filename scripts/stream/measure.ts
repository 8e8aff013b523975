import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { link, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { createSandbox, specialWorkflows } from '../../server/sandbox/index.ts'

/** One leg of the way a big file goes: how long it took and the most memory the server has taken by its end. */
export type Leg = { readonly what: string; readonly seconds: number; readonly peakBytes: number }

/** A small file first: what the server takes before it matters how big a file is. */
const warmBytes = 8 * 1024 * 1024

/**
 * Sends a video of `bytes` through a server of its own: out of the sandbox into the output folder, up to the server, through LoadVideo and
 * SaveVideo, and up to the cloud as a LoRA, the only upload without a limit. Answers each leg; the first is the warm-up.
 */
export async function measureStream(bytes: number): Promise<readonly Leg[]> {
  const sandbox = await createSandbox({ speed: 1000 })
  const folder = await mkdtemp(join(tmpdir(), 'rh-stream-'))
  const house = fork(fileURLToPath(new URL('./house.ts', import.meta.url)), [folder, sandbox.url])
  try {
    const [{ url }] = (await once(house, 'message')) as [{ url: string }]
    const legs: Leg[] = []
    const leg = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
      const startedAt = performance.now()
      const done = await work()
      const seconds = (performance.now() - startedAt) / 1000
      legs.push({ what, seconds, peakBytes: await peakOf(house) })
      return done
    }
    await leg('warm-up', async () => {
      const small = await download(url, folder, warmBytes)
      await uploadToServer(url, small, 'small.mp4')
      await throughNodes(url, 'small.mp4')
      await uploadLora(url, folder, small, 'small')
    })
    const path = await leg('from the cloud to the output folder', () => download(url, folder, bytes))
    await leg('from a browser to the input folder', () => uploadToServer(url, path, 'big.mp4'))
    await leg('through LoadVideo and SaveVideo', () => throughNodes(url, 'big.mp4'))
    await leg('to the cloud, as a LoRA', () => uploadLora(url, folder, path, 'big'))
    return legs
  } finally {
    house.disconnect()
    await once(house, 'exit')
    await sandbox.close()
    await rm(folder, { recursive: true, force: true })
  }
}

async function peakOf(house: ChildProcess): Promise<number> {
  house.send('memory')
  const [{ peakBytes }] = (await once(house, 'message')) as [{ peakBytes: number }]
  return peakBytes
}

const settings = {
  class_type: 'RH_SettingsNode',
  inputs: {
    base_url: 'https://www.runninghub.cn',
    apiKey: '',
    workflowId_webappId: specialWorkflows.bulk.id,
  },
}

async function download(url: string, folder: string, bytes: number): Promise<string> {
  const entry = await run(url, {
    2: settings,
    3: {
      class_type: 'RH_NodeInfoListNode',
      inputs: { nodeId: 3, fieldName: 'bytes', fieldValue: String(bytes) },
    },
    4: { class_type: 'RH_ExecuteNode', inputs: { apiConfig: ['2', 0], nodeInfoList: ['3', 0] } },
    5: { class_type: 'RHB_SaveFiles', inputs: { files: ['4', 10], filename_prefix: `${bytes}/file` } },
  })
  const [file] = entry.outputs['5']?.files ?? []
  if (!file) throw new Error('the sandbox gave no file')
  return join(folder, 'output', file.subfolder, file.filename)
}

/** ComfyUI's upload, the way a browser does it; undici's form would hold the file. */
async function uploadToServer(url: string, path: string, name: string): Promise<void> {
  const boundary = 'rh-bridge-stream'
  async function* form(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="image"; filename="${name}"\r\nContent-Type: video/mp4\r\n\r\n`,
    )
    yield* createReadStream(path, { highWaterMark: 256 * 1024 })
    yield Buffer.from(`\r\n--${boundary}--\r\n`)
  }
  const answer = await fetch(`${url}/upload/image`, {
    method: 'POST',
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: Readable.from(form(), { objectMode: false }) as unknown as ReadableStream,
    // A stream has no length: it goes out as it comes.
    duplex: 'half',
  } as RequestInit)
  if (!answer.ok) throw new Error(`the upload was answered with ${answer.status}: ${await answer.text()}`)
}

async function throughNodes(url: string, name: string): Promise<void> {
  await run(url, {
    1: { class_type: 'LoadVideo', inputs: { file: name } },
    2: {
      class_type: 'SaveVideo',
      inputs: { video: ['1', 0], filename_prefix: 'video/again', format: 'auto', codec: 'auto' },
    },
  })
}

async function uploadLora(url: string, folder: string, path: string, stem: string): Promise<void> {
  const name = `${stem}.safetensors`
  await link(path, join(folder, 'input', name))
  await run(url, {
    2: settings,
    3: { class_type: 'RH_LoraUploader', inputs: { apiConfig: ['2', 0], lora: name } },
    4: { class_type: 'PreviewAny', inputs: { source: ['3', 0] } },
  })
}

type Entry = {
  status: { status_str: string; messages: unknown }
  outputs: Record<string, { files?: { filename: string; subfolder: string }[] }>
}

async function run(url: string, prompt: object): Promise<Entry> {
  const answer = await fetch(`${url}/prompt`, { method: 'POST', body: JSON.stringify({ prompt }) })
  const { prompt_id: id } = (await answer.json()) as { prompt_id?: string }
  if (id === undefined) throw new Error(`the prompt was refused with ${answer.status}`)
  for (;;) {
    const history = (await (await fetch(`${url}/history/${id}`)).json()) as Record<string, Entry>
    const entry = history[id]
    if (entry?.status.status_str === 'success') return entry
    if (entry) throw new Error(`the run failed: ${JSON.stringify(entry.status.messages)}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
