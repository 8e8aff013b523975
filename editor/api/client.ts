import { createBatchCalls } from './batches.ts'
import {
  cloudAppsSchema,
  cloudReadSchema,
  costsSchema,
  descriptionSchema,
  estimateSchema,
  keyFactsSchema,
  keysSchema,
  questionsSchema,
  registriesSchema,
  registryReportSchema,
  webhookSchema,
} from './cloud-schemas.ts'
import { ApiError, createHttp } from './http.ts'
import { type Json, parseJson, writeJson } from './json.ts'
import { anything } from './schema.ts'
import {
  assetsSchema,
  checkSchema,
  healthSchema,
  importSchema,
  type Limits,
  limitsSchema,
  movedSchema,
  type NodeErrors,
  notifySchema,
  pinSchema,
  queuedSchema,
  refusedSchema,
  runSchema,
  runsSchema,
  type ShelfItem,
  snippetsSchema,
  stoppedSchema,
  templatesSchema,
  uploadedSchema,
  userFilesSchema,
} from './schemas.ts'

export type ViewedFile = { readonly filename: string; readonly subfolder: string; readonly type: string }

/** Kept in the key store (the first new one as `keyName`), left where they are and only told of, or removed. */
export type KeyChoice = { readonly keys: 'keep' | 'leave' | 'remove'; readonly keyName?: string }

export type RunWish = {
  readonly limit: string
  readonly status?: string
  readonly kind?: string
  readonly text?: string
}

export type QueueResult =
  | { readonly ok: true; readonly promptId: string; readonly nodeErrors: NodeErrors }
  | {
      readonly ok: false
      readonly error: { type: string; message: string; details: string }
      readonly nodeErrors: NodeErrors
    }

export type Api = ReturnType<typeof createApi>

/** Everything the editor asks of the server; the only place that knows addresses. */
export function createApi(options: { base: URL; fetch: typeof fetch }) {
  const { base } = options
  const http = createHttp(options)
  const segment = encodeURIComponent
  const workflowPath = (name: string) => `userdata/${segment(`workflows/${name}`)}`
  return {
    base,
    ...createBatchCalls({ base, http }),
    socketUrl(clientId: string): string {
      const url = new URL('ws', base)
      url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
      url.searchParams.set('clientId', clientId)
      return url.href
    },
    /** Where a file can be seen; `thumbnail` is a small WebP of a picture, or of a video's first frame. */
    viewUrl(file: ViewedFile, how: { thumbnail?: boolean } = {}): string {
      const url = new URL('view', base)
      url.searchParams.set('filename', file.filename)
      url.searchParams.set('type', file.type)
      if (file.subfolder !== '') url.searchParams.set('subfolder', file.subfolder)
      if (how.thumbnail) {
        url.searchParams.set('preview', 'webp;70')
        url.searchParams.set('max', '512')
      }
      return url.href
    },
    health: () => http.get('bridge/health', healthSchema),
    objectInfo: async (): Promise<Json> => parseJson(await http.text('object_info')),

    importJson: (body: unknown) => http.post('bridge/import', body, importSchema),
    /** `keys`: what becomes of keys in the file; they are kept when nothing is said. */
    /** `echo: 'false'`: a workflow that stays as it is does not come back. */
    importFile(file: Blob, name: string, how: KeyChoice & { readonly echo?: 'false' }) {
      const form = new FormData()
      form.set('file', file, name)
      return http.postForm(`bridge/import?${new URLSearchParams(how)}`, form, importSchema)
    },
    /** What a pasted text is, with the fields of what it names. Values that are lists or objects are texts of them. */
    async readCloud(text: string) {
      const { pasted, found } = await http.post('bridge/cloud/read', { text }, cloudReadSchema)
      const items = (pasted.items ?? []).map(({ nodeId, fieldName, fieldValue: value }) => ({
        nodeId,
        fieldName,
        value: typeof value === 'object' ? writeJson(value) : (value as string | number | bigint | boolean),
      }))
      return { pasted: { ...pasted, items }, found }
    },
    /** AI apps of the site that match some words. */
    cloudApps: (search: string, limit: number, signal: AbortSignal) =>
      http.get(
        `bridge/cloud/apps?${new URLSearchParams({ search, limit: String(limit) })}`,
        cloudAppsSchema,
        { signal },
      ),
    /** What a graph will cost, and where that is known from. */
    estimate: (workflow: string, signal: AbortSignal) =>
      http.get('bridge/estimate', estimateSchema, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: `{"workflow":${workflow}}`,
        signal,
      }),
    /** A graph as something to run from elsewhere; `file` is its name on the server. */
    snippets: (workflow: string, file: string | undefined, signal: AbortSignal) =>
      http.get('bridge/snippets', snippetsSchema, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: `{"workflow":${workflow},"server":${writeJson(base.href)}${file === undefined ? '' : `,"file":${writeJson(file)}`}}`,
        signal,
      }),
    costs: (by: string) => http.get(`bridge/costs?${new URLSearchParams({ by })}`, costsSchema),
    costsCsvUrl: () => new URL('bridge/costs.csv', base).href,
    /** The fields of a cloud workflow or app; `key` names a kept one. */
    describeCloud({ kind, id, site, key }: { kind: string; id: string; site: string; key: string }) {
      const how = new URLSearchParams({ ...(site !== '' && { base_url: site }), ...(key !== '' && { key }) })
      return http.get(`bridge/cloud/${segment(kind)}/${segment(id)}?${how}`, descriptionSchema)
    },
    /** What the file holds, what of it would run, and every problem. Nothing is started. */
    check: (workflow: string, signal: AbortSignal) =>
      http.get('bridge/check', checkSchema, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        // The text as it is: reading and writing a large graph once more would only take time.
        body: `{"workflow":${workflow}}`,
        signal,
      }),

    /** `name`: what the list of runs calls it. `force` names nodes that run anew whatever is remembered of them; true is all of them. */
    async run({
      name,
      force,
      ...body
    }: {
      workflow: unknown
      client_id: string
      front?: boolean
      partial_execution_targets?: readonly string[]
      name?: string
      force?: readonly string[] | true
    }): Promise<QueueResult> {
      try {
        const how = { ...(name !== undefined && { name }), ...(force !== undefined && { force }) }
        const queued = await http.post('bridge/run', { ...body, extra_data: { bridge: how } }, queuedSchema)
        return { ok: true, promptId: queued.prompt_id, nodeErrors: queued.node_errors }
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 400) throw error
        let refused: ReturnType<typeof refusedSchema>
        try {
          refused = refusedSchema(error.body, 'run')
        } catch {
          // Not a refusal of the prompt but of the request.
          throw error
        }
        return { ok: false, error: refused.error, nodeErrors: refused.node_errors }
      }
    },
    interrupt: (promptId?: string) =>
      http.tell('interrupt', promptId === undefined ? {} : { prompt_id: promptId }),
    clearQueue: () => http.tell('queue', { clear: true }),
    stopRun: (id: string) => http.tell(`bridge/runs/${segment(id)}/stop`, {}),
    /** A waiting run becomes the next; false when it waits no more. */
    front: async (id: string) => (await http.post(`bridge/runs/${segment(id)}/front`, {}, movedSchema)).moved,
    /** Ends one node of a run, here and in the cloud; the others go on. False when it ran no more. */
    stopNode: async (id: string, nodeId: string) =>
      (await http.post(`bridge/runs/${segment(id)}/nodes/${segment(nodeId)}/stop`, {}, stoppedSchema))
        .stopped,
    /** Keeps a node's result of this run for good; the answer names it, for the node to carry. */
    freeze: async (id: string, nodeId: string) =>
      (await http.post(`bridge/runs/${segment(id)}/nodes/${segment(nodeId)}/freeze`, {}, pinSchema)).pin,
    unfreeze: (pin: string) => http.remove(`bridge/pins/${segment(pin)}`),
    /** Creates without an answer: a paid task may exist. */
    questions: async () => (await http.get('bridge/unknown', questionsSchema)).unknown,
    decide: async (
      seq: number,
      decision: { choice: 'adopt'; taskId: string } | { choice: 'resubmit' } | { choice: 'give-up' },
    ) => (await http.post(`bridge/unknown/${seq}`, decision, questionsSchema)).unknown,
    registries: async () => (await http.get('bridge/models', registriesSchema)).registries,
    addRegistry(file: File) {
      const form = new FormData()
      form.set('file', file, file.name)
      return http.postForm('bridge/models', form, registryReportSchema)
    },
    fetchRegistry: (url: string) => http.post('bridge/models', { url }, registryReportSchema),
    async removeRegistry(name: string) {
      const answer = await http.send(`bridge/models/${segment(name)}`, { method: 'DELETE' })
      return registriesSchema(parseJson(await answer.text()), 'models').registries
    },
    /** What became of the call at the end of a task. */
    webhook: (taskId: string) => http.get(`bridge/tasks/${segment(taskId)}/webhook`, webhookSchema),
    retryWebhook: (taskId: string) =>
      http.post(`bridge/tasks/${segment(taskId)}/webhook/retry`, {}, webhookSchema),
    notify: () => http.get('bridge/notify', notifySchema),
    setNotify: (url: string | null) => http.patch('bridge/notify', { url }, notifySchema),
    testNotify: () => http.post('bridge/notify/test', {}, notifySchema),
    limits: () => http.get('bridge/limits', limitsSchema),
    setLimits: (limits: Partial<Omit<Limits, 'fromFlags'>>) =>
      http.patch('bridge/limits', limits, limitsSchema),
    /** Running and waiting runs, then the finished ones that fit, newest first. */
    runs: async (wish: RunWish) =>
      (await http.get(`bridge/runs?${new URLSearchParams({ ...wish })}`, runsSchema)).runs,
    runDetails: (id: string) => http.get(`bridge/runs/${segment(id)}`, runSchema),
    deleteRuns: (ids: readonly string[]) => http.tell('history', { delete: ids }),
    clearHistory: () => http.tell('history', { clear: true }),
    historyOutputs: (id: string) => http.get(`history/${segment(id)}`, anything),

    assets: async (type: 'input' | 'output') =>
      (await http.get(`bridge/assets?type=${type}&limit=2000`, assetsSchema)).assets,
    upload(file: Blob, name: string, subfolder = '') {
      const form = new FormData()
      form.set('image', file, name)
      if (subfolder !== '') form.set('subfolder', subfolder)
      return http.postForm('upload/image', form, uploadedSchema)
    },

    /** The file a link names, brought by the server: a page may not read other sites. */
    async fetchLink(url: string): Promise<File> {
      const answer = await http.send('bridge/fetch', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: writeJson({ url }),
      })
      const name = decodeURIComponent(answer.headers.get('x-file-name') ?? 'file')
      return new File([await answer.blob()], name)
    },

    keys: () => http.get('bridge/keys', keysSchema),
    /** Without a site, the one that knows the key. */
    addKey: (body: { name: string; key: string; baseUrl?: string; makeDefault?: boolean }) =>
      http.post('bridge/keys', body, keysSchema),
    /** A former name stays valid in graphs. */
    changeKey: (name: string, change: { name?: string; default?: true }) =>
      http.patch(`bridge/keys/${segment(name)}`, change, keysSchema),
    /** Balance and slots, asked at the key's site; fails in words for a key that does not work. */
    testKey: (name: string) => http.post(`bridge/keys/${segment(name)}/test`, {}, keyFactsSchema),
    async removeKey(name: string) {
      const answer = await http.send(`bridge/keys/${segment(name)}`, { method: 'DELETE' })
      return keysSchema(parseJson(await answer.text()), 'keys')
    },
    /** How the keys lie on the server's disk; to decrypt them, or to change the passphrase, the one that holds is asked for once more. */
    keyStore: (what: 'unlock' | 'encrypt' | 'decrypt', passphrase: string, current?: string) =>
      http.post(`bridge/key-store/${what}`, { passphrase, ...(current && { current }) }, keysSchema),

    async workflows() {
      try {
        return await http.get('userdata?dir=workflows&recurse=true&full_info=true', userFilesSchema)
      } catch (error) {
        // No folder yet: nothing has been saved.
        if (error instanceof ApiError && error.status === 404) return []
        throw error
      }
    },
    readWorkflow: (name: string) => http.text(workflowPath(name)),
    async writeWorkflow(name: string, body: string, how: { overwrite: boolean }) {
      await http.send(`${workflowPath(name)}?overwrite=${how.overwrite}&full_info=true`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body,
      })
    },
    async renameWorkflow(from: string, to: string) {
      await http.send(`${workflowPath(from)}/move/${segment(`workflows/${to}`)}?overwrite=false`, {
        method: 'POST',
      })
    },
    deleteWorkflow: (name: string) => http.remove(workflowPath(name)),

    readExample: (name: string) => http.text(`templates/${segment(name)}.json`),
    examplePicture: (name: string) => new URL(`templates/${segment(name)}-1.webp`, base).href,
    async examples(): Promise<ShelfItem[]> {
      const [shelf] = await http.get('templates/index.json', templatesSchema)
      return (shelf?.templates ?? []).map(item => ({
        ...item,
        titleZh: item.titleZh ?? item.title,
        descriptionZh: item.descriptionZh ?? item.description,
      }))
    },
  }
}
