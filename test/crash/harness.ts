import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sandbox } from '../../server/sandbox/index.ts'

const root = join(import.meta.dirname, '../..')

export type Server = {
  readonly url: string
  readonly exited: Promise<void>
  /** From now on steps are counted; at this one, if it is any, the process dies. */
  arm(crashAt: number): Promise<void>
  /** The last step that was counted, and how many there were. */
  last(): { count: number; what: string }
  kill(): void
  /** Ends it in good order. */
  stop(): Promise<void>
}

/** Starting is most of what these tests cost: modules are parsed once, by a server that ends in good order. The folder is Node's own. */
const parsed = join(tmpdir(), 'node-compile-cache')

/** A real server process on a data folder, and a way to end it at any of its steps. */
export function startServer(
  dataDir: string,
  environment: Readonly<Record<string, string>> = {},
): { readonly ready: Promise<Server | undefined>; kill(): void } {
  const preload = join(root, 'test/crash/preload.mjs')
  const child = spawn(
    process.execPath,
    ['--import', preload, join(root, 'server/cli.ts'), 'serve', '--port', '0', '--data-dir', dataDir],
    {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      env: { ...process.env, RH_BRIDGE_LOG: 'silent', NODE_COMPILE_CACHE: parsed, ...environment },
    },
  )
  let last = { count: 0, what: 'nothing' }
  let onArmed = () => {}
  child.on('message', (message: { armed?: true; count: number; what: string }) => {
    if (message.armed) onArmed()
    else last = message
  })
  // Not `exit`: its last messages are read until the channel closes.
  const exited = new Promise<void>(resolve => child.once('close', () => resolve()))
  const kill = () => void child.kill('SIGKILL')
  const stop = () => {
    child.kill('SIGTERM')
    return exited
  }
  const ready = new Promise<Server | undefined>(resolve => {
    let text = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const url = /on (http:\/\/[^\s/]+)/.exec(text)?.[1]
      if (url !== undefined) resolve({ url, exited, kill, stop, arm, last: () => last })
    })
    void exited.then(() => resolve(undefined))
  })
  async function arm(crashAt: number): Promise<void> {
    const armed = new Promise<void>(resolve => {
      onArmed = resolve
    })
    child.send({ crashAt })
    await Promise.race([armed, exited])
  }
  return { ready, kill }
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

export type Entry = {
  outputs: Record<string, { images?: { filename: string }[] }>
  status: { status_str: string }
}

/** One chain with a key of its own, so that its creates can be counted among those of others side by side. */
export type Chain = {
  readonly id: string
  /** Sends it, unless the server has it already; false when the server died over it. */
  send(server: Server): Promise<boolean>
  /** Its history entry, undefined while there is none. */
  entry(server: Server): Promise<Entry | undefined>
  creates(): ReturnType<Sandbox['tasks']>
}

let chains = 0

export function createChain(sandbox: Sandbox): Chain {
  const lastFour = String(1000 + chains++)
  const id = `run-${lastFour}`
  const prompt = chain(sandbox.url, id, `not-a-real-key-of-a-crash-te${lastFour}`)
  const entry = (server: Server) =>
    fetch(`${server.url}/history/${id}`)
      .then(answer => answer.json() as Promise<Record<string, Entry>>)
      .then(
        entries => entries[id],
        () => undefined,
      )
  return {
    id,
    entry,
    creates: () => sandbox.tasks().filter(task => task.keyLastFour === lastFour),
    async send(server) {
      try {
        // A prompt whose POST was cut off may not have been taken in: its sender knows, and asks again.
        const queue = await (await fetch(`${server.url}/queue`)).text()
        if (queue.includes(id) || (await entry(server))) return true
        return (await post(`${server.url}/prompt`, { prompt, prompt_id: id })).status === 200
      } catch {
        return false
      }
    },
  }
}

/** Waits by asking the server's own history until the run is over or the process is gone. */
export async function outcome(server: Server, { entry, id }: Chain): Promise<Entry | undefined> {
  let isGone = false
  const deadline = Date.now() + 60_000
  void server.exited.then(() => {
    isGone = true
  })
  while (!isGone) {
    const found = await entry(server)
    if (found) return found
    if (Date.now() > deadline) throw new Error(`${id} hangs`)
    await new Promise(resolve => setTimeout(resolve, 25))
  }
  return undefined
}
