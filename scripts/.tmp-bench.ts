import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { WebSocket } from 'ws'
import { openDatabase } from '/work/main/server/storage/index.ts'
import { median, printTable, type Row } from '/work/main/scripts/bench/table.ts'

/** The server from outside, as a process of its own: what a person and 200 clients get of it. */
const root = fileURLToPath('file:///work/main/')
const mebibyte = 1024 * 1024

type Server = {
  readonly url: string
  readonly startMs: number
  rss(): Promise<number>
  close(): Promise<void>
}

async function startServer(dataDir: string): Promise<Server> {
  const startedAt = performance.now()
  const child = spawn(
    process.execPath,
    ['server/cli.ts', 'serve', '--port', '0', '--data-dir', dataDir, '--sandbox', 'on'],
    { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const ended = once(child, 'exit')
  const url = await new Promise<string>((resolve, reject) => {
    let text = ''
    child.stdout.on('data', chunk => {
      text += String(chunk)
      const found = /on (http:\/\/\S+)/.exec(text)?.[1]
      if (found) resolve(found)
    })
    void ended.then(([code]) => reject(new Error(`serve ended with ${code}`)))
  })
  await fetch(`${url}/system_stats`)
  const startMs = performance.now() - startedAt
  return {
    url,
    startMs,
    rss: () => residentBytes(child),
    async close() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** Of Linux's accounting; 0 elsewhere. */
async function residentBytes({ pid }: ChildProcess): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/VmRSS:\s+(\d+) kB/.exec(text)?.[1] ?? 0) * 1024
}

async function inFolder<T>(work: (dataDir: string) => Promise<T>): Promise<T> {
  const dataDir = await mkdtemp(join(tmpdir(), 'rh-bench-server-'))
  try {
    return await work(dataDir)
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}

let counter = 0
/** `count` local nodes in a row; no two chains are the same, so that no cache answers. */
function chain(count: number): Record<string, unknown> {
  const prompt: Record<string, unknown> = {
    1: { class_type: 'PrimitiveString', inputs: { value: `chain ${counter++}` } },
  }
  for (let id = 2; id < count; id++) {
    prompt[id] = { class_type: 'PrimitiveString', inputs: { value: [String(id - 1), 0] } }
  }
  prompt[count] = { class_type: 'PreviewAny', inputs: { source: [String(count - 1), 0] } }
  return prompt
}

async function post(server: Server, prompt: unknown, clientId?: string): Promise<string> {
  const answer = await fetch(`${server.url}/prompt`, {
    method: 'POST',
    body: JSON.stringify({ prompt, client_id: clientId }),
  })
  return ((await answer.json()) as { prompt_id: string }).prompt_id
}

async function postAll(server: Server, count: number, nodes: number): Promise<void> {
  let left = count
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      while (left-- > 0) await post(server, chain(nodes))
    }),
  )
}

type Message = { type: string; data: Record<string, unknown> }

/** A client that hears everything and keeps what the caller asks for. */
async function listen(server: Server, clientId: string, onMessage: (message: Message) => void) {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws?clientId=${clientId}`)
  const counted = { bytes: 0, close: () => socket.terminate() }
  socket.on('message', data => {
    const text = String(data)
    counted.bytes += Buffer.byteLength(text)
    onMessage(JSON.parse(text) as Message)
  })
  await once(socket, 'open')
  return counted
}

/** Resolves when the line is empty; to be asked for before the prompts are sent. */
function untilIdle(server: Server, clientId: string) {
  const idle = Promise.withResolvers<void>()
  let seen = 0
  const opened = listen(server, clientId, ({ type, data }) => {
    if (type !== 'status') return
    const { queue_remaining: remaining } = (data as { status: { exec_info: { queue_remaining: number } } })
      .status.exec_info
    seen = Math.max(seen, remaining)
    if (seen > 0 && remaining === 0) idle.resolve()
  })
  return { opened, idle: idle.promise }
}

async function runMany(server: Server, count: number): Promise<number> {
  const { opened, idle } = untilIdle(server, `watch-${counter++}`)
  const socket = await opened
  const startedAt = performance.now()
  await postAll(server, count, 5)
  // The line may have been empty for a moment in between.
  for (let remaining = 1; remaining > 0; ) {
    await idle
    const answer = (await (await fetch(`${server.url}/prompt`)).json()) as {
      exec_info: { queue_remaining: number }
    }
    remaining = answer.exec_info.queue_remaining
    if (remaining > 0) await new Promise(resolve => setTimeout(resolve, 20))
  }
  socket.close()
  return performance.now() - startedAt
}

async function benchQueue(): Promise<Row[]> {
  return inFolder(async dataDir => {
    const server = await startServer(dataDir)
    try {
      // The first prompts load what every server needs once.
      await runMany(server, 100); for (let k=0;k<8;k++){ const ms=await runMany(server,1000); console.log(k, Math.round(ms), Math.round((await server.rss())/1048576)) }
      const before = await server.rss()
      const ms = await runMany(server, 1000)
      const after = await server.rss()
      const again = await runMany(server, 1000)
      const end = await server.rss()
      return [
        { what: '1,000 queued prompts of 5 local nodes', unit: 'ms', goal: 20_000, measured: ms },
        { what: 'memory they added', unit: 'MB', goal: 50, measured: (after - before) / mebibyte },
        { what: 'the next 1,000', unit: 'ms', goal: 20_000, measured: again },
        { what: 'memory they added', unit: 'MB', goal: 50, measured: (end - after) / mebibyte },
      ]
    } finally {
      await server.close()
    }
  })
}

async function benchSockets(): Promise<Row[]> {
  return inFolder(async dataDir => {
    const server = await startServer(dataDir)
    try {
      const heard = Array.from({ length: 200 }, (): string[] => [])
      const ends = heard.map(() => Promise.withResolvers<void>())
      const sockets = await Promise.all(
        heard.map((list, index) =>
          listen(server, `client-${index}`, ({ type, data }) => {
            if (/^(status|progress|bridge)/.test(type)) return
            list.push(type === 'executing' ? `executing ${data.node}` : type)
            if (type === 'executing' && data.node === null) ends[index]?.resolve()
          }),
        ),
      )
      const startedAt = performance.now()
      await Promise.all(heard.map((_, index) => post(server, chain(5), `client-${index}`)))
      await Promise.all(ends.map(({ promise }) => promise))
      const ms = performance.now() - startedAt
      const whole = [
        'execution_start',
        'execution_cached',
        ...[1, 2, 3, 4, 5].map(id => `executing ${id}`),
        'executed',
        'execution_success',
        'executing null',
      ].join()
      const inOrder = heard.filter(list => list.join() === whole).length

      const before = sockets.map(({ bytes }) => bytes)
      const own = await listen(server, 'own', ({ type, data }) => {
        if (type === 'executing' && data.node === null) ended.resolve()
      })
      const ended = Promise.withResolvers<void>()
      await post(server, chain(1000), 'own')
      await ended.promise
      const { opened, idle } = untilIdle(server, 'anonymous')
      const watching = await opened
      await post(server, chain(1000))
      await idle
      const others = sockets.map(({ bytes }, index) => bytes - (before[index] ?? 0))
      for (const socket of [...sockets, own, watching]) socket.close()
      return [
        { what: '200 sockets, each a run of its own of 5 nodes', unit: 'ms', goal: 10_000, measured: ms },
        {
          what: 'sockets of 200 that missed an event or its order',
          unit: '',
          goal: 0,
          measured: 200 - inOrder,
        },
        {
          what: 'sent to a socket for its run of 1,000 nodes',
          unit: 'MB',
          goal: 2,
          measured: own.bytes / 1e6,
        },
        {
          what: 'sent to each of 200 for an anonymous run of 1,000 nodes',
          unit: 'MB',
          goal: 2,
          measured: Math.max(...others) / 1e6,
        },
      ]
    } finally {
      await server.close()
    }
  })
}

/** 10,000 finished runs, each with the workflow of an example beside its prompt. */
async function fillHistory(dataDir: string): Promise<void> {
  const workflow = JSON.parse(await readFile(join(root, 'examples/rh_text_to_image.json'), 'utf8'))
  const database = openDatabase(join(dataDir, 'rh-bridge.db'))
  database.exec('BEGIN')
  const prompt = chain(8) as never
  const insert = database.prepare(
    `INSERT INTO runs (id, state, number, prompt, extra, outputs_to_run, created_at, started_at, finished_at, done_seq, status, outputs, cached, executed, errors, tasks)
     VALUES (?, 'done', ?, ?, ?, '["8"]', ?, ?, ?, ?, 'success', '{"8":{"text":["chain"]}}', '[]', '["1","2","3","4","5","6","7","8"]', '[]', '[]')`,
  )
  const now = Date.now()
  for (let index = 1; index <= 10_000; index++) {
    const extra = JSON.stringify({
      extra_pnginfo: { workflow: { ...workflow, id: `workflow-${index % 20}` } },
    })
    insert.run(`run-${index}`, index, JSON.stringify(prompt), extra, now, now, now + 10, index)
  }
  database.exec(`INSERT INTO counters (name, value) VALUES ('done', 10000); COMMIT`)
  database.close()
}

async function timesOf(url: string, count = 40): Promise<{ ms: number; bytes: number }> {
  const times: number[] = []
  let bytes = 0
  for (let round = 0; round < count; round++) {
    const startedAt = performance.now()
    bytes = (await (await fetch(url)).arrayBuffer()).byteLength
    times.push(performance.now() - startedAt)
  }
  return { ms: median(times), bytes }
}

async function benchAnswers(): Promise<Row[]> {
  return inFolder(async dataDir => {
    await fillHistory(dataDir)
    const starts: number[] = []
    for (let round = 0; round < 3; round++) {
      const server = await startServer(dataDir)
      starts.push(server.startMs)
      await server.close()
    }
    const server = await startServer(dataDir)
    try {
      const history = await timesOf(`${server.url}/history?max_items=50`)
      const page = await timesOf(`${server.url}/history?max_items=50&offset=5000`)
      const jobs = await timesOf(`${server.url}/api/jobs?status=completed,failed,cancelled&limit=64&offset=0`)
      const info = await timesOf(`${server.url}/object_info`)
      return [
        {
          what: 'start until /system_stats answers, 10,000 entries',
          unit: 'ms',
          goal: 1000,
          measured: median(starts),
        },
        { what: '/history?max_items=50 of 10,000', unit: 'ms', goal: 20, measured: history.ms },
        { what: '/history?max_items=50&offset=5000', unit: 'ms', goal: 20, measured: page.ms },
        { what: '/api/jobs, 64 of 10,000', unit: 'ms', goal: 20, measured: jobs.ms },
        { what: '/object_info', unit: 'ms', goal: 50, measured: info.ms },
        { what: 'its size', unit: 'KB', goal: 1000, measured: info.bytes / 1000 },
      ]
    } finally {
      await server.close()
    }
  })
}

await benchQueue()
