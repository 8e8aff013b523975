import { onTestFinished } from 'vitest'
import { createSandbox, type Sandbox, type SandboxOptions, sandboxKey } from '../../server/sandbox/index.ts'
import { type JsonValue, parseJson } from '../../server/shared/lossless-json.ts'

export type Answer = { status: number; text: string; json: Record<string, JsonValue> }

export type Bench = {
  sandbox: Sandbox
  /** POST with the key in body and header; a string body goes as it is. */
  post(path: string, body: object | string, headers?: Record<string, string>): Promise<Answer>
  postV2(path: string, body: object, key?: string): Promise<Answer>
  get(path: string, headers?: Record<string, string>): Promise<Answer>
  /** Starts a workflow and gives its taskId. */
  create(workflowId: string, nodeInfoList?: object[], more?: object): Promise<string>
  /** Asks outputs until the task has ended. */
  finished(taskId: string, apiKey?: string): Promise<Answer>
}

export const zImage = '2016195556967714818'
export const styleTransfer = '2014552598229032961'
export const sdxl = '1904136902449209346'
export const kontext = '1877265245566922753'

/** A sandbox fast enough that nobody has to wait; closed with the test. */
export async function openBench(options: SandboxOptions = {}): Promise<Bench> {
  const sandbox = await createSandbox({ speed: 100, seed: 1, ...options })
  onTestFinished(() => sandbox.close())

  const ask = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await fetch(path.startsWith('http') ? path : sandbox.url + path, init)
    const text = await response.text()
    let json: Record<string, JsonValue> = {}
    try {
      json = parseJson(text) as Record<string, JsonValue>
    } catch {
      // Some answers are no JSON; the test looks at the text then.
    }
    return { status: response.status, text, json }
  }
  const post: Bench['post'] = (path, body, headers = {}) =>
    ask(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify({ apiKey: sandboxKey, ...body }),
    })
  const bench: Bench = {
    sandbox,
    post,
    postV2: (path, body, key = sandboxKey) =>
      ask(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
        body: JSON.stringify(body),
      }),
    get: (path, headers = {}) => ask(path, { headers }),
    async create(workflowId, nodeInfoList = [], more = {}) {
      const { json } = await post('/task/openapi/create', { workflowId, nodeInfoList, ...more })
      const { taskId } = json.data as { taskId: string }
      return taskId
    },
    async finished(taskId, apiKey = sandboxKey) {
      for (;;) {
        const answer = await post('/task/openapi/outputs', { apiKey, taskId })
        const { code, data } = answer.json
        if (code !== 804 && code !== 813 && !(code === 0 && data === null)) return answer
      }
    },
  }
  return bench
}

export type OutputFile = {
  fileUrl: string
  fileType: string
  nodeId: string
  taskCostTime: string
  consumeCoins: string | null
  consumeMoney: string | null
}

export const filesOf = (answer: Answer) => answer.json.data as unknown as OutputFile[]

export async function bytesOf(url: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, { headers })
  return {
    status: response.status,
    headers: response.headers,
    bytes: Buffer.from(await response.arrayBuffer()),
  }
}

export function formOf(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
  fields: Record<string, string> = {},
): FormData {
  const form = new FormData()
  for (const [field, value] of Object.entries(fields)) form.set(field, value)
  form.set('file', new Blob([bytes]), name)
  return form
}
