import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { Agent, request } from 'undici'
import { type LoggedRequest, sandboxKey, specialWorkflows } from '../../server/sandbox/index.ts'
import type { Prompt } from '../../server/shared/prompt.ts'
import { type House, node, openHouse, settingsNode, spanOf } from './house.ts'
import { median, type Row } from './table.ts'

/** At twice the usual speed a task still outlives the client's first question after a second, as real ones do. */
const speed = 2
const sdxl = '1904136902449209346'

/** One small picture made in the cloud and saved; no two runs are the same. */
function smallPicture(round: number): Prompt {
  return {
    settings: settingsNode(sdxl),
    width: node('RH_NodeInfoListNode', { nodeId: 5, fieldName: 'width', fieldValue: '256' }),
    height: node('RH_NodeInfoListNode', {
      nodeId: 5,
      fieldName: 'height',
      fieldValue: '256',
      previousNodeInfoList: ['width', 0],
    }),
    text: node('RH_NodeInfoListNode', {
      nodeId: 6,
      fieldName: 'text',
      fieldValue: `a fox, ${round}`,
      previousNodeInfoList: ['height', 0],
    }),
    execute: node('RH_ExecuteNode', { apiConfig: ['settings', 0], nodeInfoList: ['text', 0] }),
    save: node('SaveImage', { images: ['execute', 0], filename_prefix: 'bench' }),
  }
}

const lastTask = (house: House) => {
  const task = house.sandbox.tasks().at(-1)
  if (!task || task.endedAt === null) throw new Error('the sandbox has no finished task')
  return { endedAt: task.endedAt, ms: task.endedAt - task.createdAt }
}

async function benchTraffic(): Promise<Row[]> {
  const house = await openHouse(speed)
  try {
    await house.run(smallPicture(0))
    const first = house.sandbox.requests()
    await house.run(smallPicture(1))
    const next = house.sandbox.requests().slice(first.length)
    const connections = new Set(first.map(({ connectionId }) => connectionId)).size
    return [
      callsOf('HTTP calls of a first run with one result', first),
      callsOf('HTTP calls of the next', next),
      { what: 'connections, the WebSocket included', unit: '', goal: 2, measured: connections },
    ]
  } finally {
    await house.close()
  }
}

function callsOf(what: string, requests: readonly LoggedRequest[]): Row {
  const calls = requests.filter(({ headers }) => headers.upgrade?.toLowerCase() !== 'websocket')
  const names = calls.map(({ path }) => (path.startsWith('/output/') ? 'file' : path.split('/').at(-1)))
  return { what, unit: '', goal: 6, measured: calls.length, note: names.join(', ') }
}

async function benchLatency(house: House): Promise<Row[]> {
  const [delays, tasks]: [number[], number[]] = [[], []]
  for (let round = 1; round <= 20; round++) {
    const events = await house.run(smallPicture(round))
    const task = lastTask(house)
    delays.push(spanOf(events, 'save').finishedAt - task.endedAt)
    tasks.push(task.ms)
  }
  return [
    {
      what: 'task finished in the cloud until its file is on disk, p50 of 20',
      unit: 'ms',
      goal: 100,
      measured: median(delays),
      note: `slowest ${Math.max(...delays)} ms`,
    },
    { what: '  the task itself, at twice the usual speed', unit: 'ms', measured: median(tasks) },
  ]
}

async function benchHuge(house: House): Promise<Row> {
  const delays: number[] = []
  for (let round = 0; round < 3; round++) {
    const events = await house.run({
      settings: settingsNode(specialWorkflows.huge.id),
      info: node('RH_NodeInfoListNode', { nodeId: 6, fieldName: 'text', fieldValue: `huge ${round}` }),
      execute: node('RH_ExecuteNode', { apiConfig: ['settings', 0], nodeInfoList: ['info', 0] }),
    })
    delays.push(spanOf(events, 'execute').finishedAt - lastTask(house).endedAt)
  }
  return {
    what: '8 results of 4 MB at 4 MB/s a connection, after the task’s end',
    unit: 'ms',
    goal: 1300,
    measured: median(delays),
    note: 'one file alone takes 1000 ms',
  }
}

/** Noise, which PNG cannot make smaller: about 4 MB. */
const bigPicture = () =>
  sharp(randomBytes(1160 * 1160 * 3), { raw: { width: 1160, height: 1160, channels: 3 } })
    .png({ compressionLevel: 0 })
    .toBuffer()

async function benchUpload(house: House): Promise<Row[]> {
  const agent = new Agent()
  const [ours, bare]: [number[], number[]] = [[], []]
  for (let round = 0; round < 10; round++) {
    const name = `big${round}.png`
    const path = join(house.inputDir, name)
    await writeFile(path, await bigPicture())
    const events = await house.run({
      settings: settingsNode(sdxl),
      load: node('LoadImage', { image: name }),
      upload: node('RH_ImageUploaderNode', { apiConfig: ['settings', 0], image: ['load', 0] }),
      show: node('PreviewAny', { source: ['upload', 0] }),
    })
    const span = spanOf(events, 'upload')
    const bareMs = await sendBare(house.sandbox.url, await readFile(path), agent)
    // The first of each opens connections and warms the code.
    if (round === 0) continue
    ours.push(span.finishedAt - span.startedAt)
    bare.push(bareMs)
  }
  await agent.close()
  return [
    {
      what: 'upload of a 4 MB picture, over sending the bytes',
      unit: 'ms',
      goal: 20,
      measured: median(ours) - median(bare),
    },
    { what: '  the upload node', unit: 'ms', measured: median(ours) },
    { what: '  undici alone, the same bytes from memory', unit: 'ms', measured: median(bare) },
  ]
}

async function sendBare(url: string, bytes: Buffer, dispatcher: Agent): Promise<number> {
  const boundary = 'bench'
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n`
  const body = Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)])
  const startedAt = performance.now()
  const { body: answer } = await request(`${url}/openapi/v2/media/upload/binary`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${sandboxKey}`,
      'content-type': `multipart/form-data; boundary=${boundary}`,
    },
    body,
    dispatcher,
  })
  await answer.text()
  return performance.now() - startedAt
}

export async function benchCloud(): Promise<Row[]> {
  const traffic = await benchTraffic()
  const house = await openHouse(speed)
  try {
    return [...(await benchLatency(house)), await benchHuge(house), ...(await benchUpload(house)), ...traffic]
  } finally {
    await house.close()
  }
}
