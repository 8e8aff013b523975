import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Sandbox } from '../../server/sandbox/index.ts'

const root = join(import.meta.dirname, '../..')

export type CrashResult = {
  killedAt: string
  status: string | undefined
  files: number
  creates: number
}

export type Server = { url: string; exited: Promise<void>; stop(): void }

/** A real server process; `crashAt` 0 lets it live. */
export async function startServer(
  dataDir: string,
  crashAt: number,
  countFile: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Server | undefined> {
  const child = spawn(
    process.execPath,
    [
      '--import',
      join(root, 'test/crash/preload.mjs'),
      join(root, 'server/cli.ts'),
      'serve',
      '--port',
      '0',
      '--data-dir',
      dataDir,
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...process.env,
        CRASH_AT: String(crashAt),
        CRASH_COUNT: countFile,
        RH_BRIDGE_LOG: 'silent',
        ...more,
      },
    },
  )
  const exited = new Promise<void>(resolve => child.once('exit', () => resolve()))
  const url = await new Promise<string | undefined>(resolve => {
    let text = ''
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const found = /on (http:\/\/\S+)/.exec(text)?.[1]
      if (found) resolve(found)
    })
    child.once('exit', () => resolve(undefined))
  })
  return url === undefined ? undefined : { url, exited, stop: () => void child.kill('SIGKILL') }
}

/** Three cloud workflows, each fed by the picture of the one before. */
export function chain(baseUrl: string, name: string, apiKey: string) {
  const settings = (id: string) => ({
    class_type: 'RH_SettingsNode',
    inputs: { base_url: baseUrl, apiKey, workflowId_webappId: id },
  })
  const info = (nodeId: number, fieldName: string, fieldValue: unknown) => ({
    class_type: 'RH_NodeInfoListNode',
    inputs: { nodeId, fieldName, fieldValue },
  })
  const run = (settingsId: string, infoId: string) => ({
    class_type: 'RH_ExecuteNode',
    inputs: { apiConfig: [settingsId, 0], nodeInfoList: [infoId, 0], run_timeout: 60 },
  })
  const upload = (executeId: string) => ({
    class_type: 'RH_ImageUploaderNode',
    inputs: { apiConfig: ['1', 0], image: [executeId, 0] },
  })
  return {
    1: settings('1904136902449209346'),
    2: settings('1867632304280715265'),
    10: info(6, 'text', name),
    11: run('1', '10'),
    20: upload('11'),
    21: info(19, 'image', ['20', 0]),
    22: run('2', '21'),
    30: upload('22'),
    31: info(19, 'image', ['30', 0]),
    32: run('2', '31'),
    40: { class_type: 'SaveImage', inputs: { images: ['32', 0], filename_prefix: name } },
  }
}

export const post = (url: string, body: unknown) => fetch(url, { method: 'POST', body: JSON.stringify(body) })

type Entry = { outputs: Record<string, { images?: { filename: string }[] }>; status: { status_str: string } }

/** Waits by asking the server's own socket-free history until the run is over or the process is gone. */
export async function outcome(server: Server, promptId: string): Promise<Entry | undefined> {
  let gone = false
  const deadline = Date.now() + 60_000
  void server.exited.then(() => {
    gone = true
  })
  while (!gone) {
    if (Date.now() > deadline) {
      const unknown = await (await fetch(`${server.url}/bridge/unknown`)).text()
      throw new Error(`${promptId} hangs: ${unknown}`)
    }
    const answer = await fetch(`${server.url}/history/${promptId}`).catch(() => undefined)
    const entry = ((await answer?.json().catch(() => undefined)) as Record<string, Entry> | undefined)?.[
      promptId
    ]
    if (entry) return entry
    await new Promise(resolve => setTimeout(resolve, 25))
  }
  return undefined
}

/** Servers that are killed and started again on data folders below `folder`, against one sandbox that lives on. */
export function createCrashHarness(sandbox: Sandbox, folder: string) {
  let runs = 0
  /** Kills a server at one checkpoint of a chain, starts another on the same folder, and tells what came of it. */
  async function crashOnce(name: string, crashAt: number): Promise<CrashResult> {
    const dataDir = join(folder, name)
    const countFile = join(folder, `${name}.count`)
    // A key of its own each, so that the creates of runs side by side can be counted.
    const lastFour = String(1000 + runs++)
    const apiKey = `not-a-real-key-of-a-crash-te${lastFour}`
    const promptId = `run-${name}`
    const first = await startServer(dataDir, crashAt, countFile)
    let entry: Entry | undefined
    let accepted = false
    if (first) {
      accepted = await post(`${first.url}/prompt`, {
        prompt: chain(sandbox.url, name, apiKey),
        prompt_id: promptId,
      }).then(
        answer => answer.status === 200,
        () => false,
      )
      entry = accepted ? await outcome(first, promptId) : undefined
      first.stop()
      await first.exited
    }
    const killedAt = await readFile(countFile, 'utf8')
    if (!entry) {
      const second = await startServer(dataDir, 0, `${countFile}-2`)
      if (!second) throw new Error(`the server does not start again after ${killedAt}`)
      const known = (await (await fetch(`${second.url}/queue`)).json()) as {
        queue_running: unknown[]
        queue_pending: unknown[]
      }
      const isThere = known.queue_running.length + known.queue_pending.length > 0
      const history = (await (await fetch(`${second.url}/history/${promptId}`)).json()) as Record<
        string,
        Entry
      >
      // A prompt whose POST was cut off may not have been taken in: its sender knows, and asks again.
      if (!accepted && !isThere && !history[promptId]) {
        await post(`${second.url}/prompt`, { prompt: chain(sandbox.url, name, apiKey), prompt_id: promptId })
      }
      entry = await outcome(second, promptId)
      second.stop()
      await second.exited
    }
    return {
      killedAt: killedAt.trim(),
      status: entry?.status.status_str,
      files: entry?.outputs['40']?.images?.length ?? 0,
      creates: sandbox.tasks().filter(task => task.keyLastFour === lastFour).length,
    }
  }
  return { crashOnce }
}
