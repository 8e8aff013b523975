import {
  type Api,
  ApiError,
  type ImportReport,
  isObject,
  type JsonObject,
  type KeyChoice,
  parseJson,
  writeJson,
} from '../api/index.ts'
import { fromServer, t } from '../i18n/index.ts'
import { workflowFromPrompt } from '../node-types/index.ts'
import { type Documents, emptyWorkflow } from './documents.ts'
import { exampleInputs } from './example-inputs.ts'
import { activeDocument, type Store } from './store.ts'
import { type Tell, withHint } from './tell.ts'

export type Files = ReturnType<typeof createFiles>

/** Files in and out: whatever people have goes through the server's reader, which lifts keys and says what it did not understand. */
export function createFiles(parts: {
  store: Store
  api: Api
  documents: Documents
  tell: Tell
  /** Reads the node definitions again: lists of files have changed. */
  loadTypes: () => Promise<void>
}) {
  const { store, api, documents, tell } = parts

  type Answer = { workflow: unknown; prompt: unknown; report: ImportReport }

  /**
   * What the file holds. A key in it moves only when that is chosen; undefined: it is not to be opened. `isKnown`: a workflow in which nothing
   * is to be moved need not come back.
   */
  async function read(file: Blob, name: string, isKnown = false): Promise<Answer | undefined> {
    const looked = await api.importFile(file, name, { keys: 'leave', ...(isKnown && { echo: 'false' }) })
    const { keys } = looked.report
    if (keys.length === 0) return looked
    store.keys.value = (await api.keys()).keys
    const isKept = (found: (typeof keys)[number]) =>
      store.keys.value.some(key => key.name === found.name && key.lastFour === found.lastFour)
    const fresh = Map.groupBy(
      keys.filter(key => !isKept(key)),
      key => key.name,
    )
    if (fresh.size === 0) return api.importFile(file, name, { keys: 'keep' })
    const choice = await new Promise<KeyChoice | undefined>(answer => {
      const found = [...fresh.values()].map(places => ({
        lastFour: places[0]?.lastFour ?? '',
        nodeIds: places.map(place => place.nodeId),
      }))
      store.dialog.value = { kind: 'file-key', name, keys: found, answer }
    })
    if (!choice) return undefined
    const answer = await api.importFile(file, name, choice)
    store.keys.value = (await api.keys()).keys
    return answer
  }

  /** A file in JSON is read by the server, and meanwhile here: where nothing is to be moved its own text stands. */
  async function readJson(
    file: Blob,
    name: string,
    text: string | Promise<string>,
  ): Promise<{ answer: Answer | undefined; own?: string }> {
    const reading = read(file, name, true)
    // Whoever waits for it hears of it.
    reading.catch(() => {})
    const own = documents.readAhead(await text)
    const answer = await reading
    if (own !== undefined) return { answer, own }
    return { answer: answer?.workflow === null ? await read(file, name) : answer }
  }

  function show(
    name: string,
    { workflow, prompt, report }: Answer,
    where: {
      path?: string
      serverModified?: number
      isExample?: boolean
      isFromFile?: boolean
      own?: string | undefined
    } = {},
  ): void {
    const { own, ...place } = where
    const written = () =>
      writeJson(
        isObject(workflow as never)
          ? (workflow as JsonObject)
          : workflowFromPrompt(isObject(prompt as never) ? (prompt as JsonObject) : {}, type =>
              store.types.value.get(type),
            ),
      )
    // A saved file that held a key still does, until it is saved without.
    const isUnsaved = report.keys.length > 0 && where.path !== undefined
    documents.open({
      name,
      // Nothing came back: the file's own text stands, byte for byte.
      text: own !== undefined && workflow === null && prompt === null ? own : written(),
      isUnsaved,
      ...place,
    })
    const isSerious = report.unknown.length + report.brokenLinks.length > 0
    if (isSerious && !where.isExample) {
      store.dialog.value = { kind: 'report', report }
      return
    }
    if (report.keys.length > 0) {
      tell.say(t('report.keysOut', { name }))
      return
    }
    // What a line can say needs no dialog.
    const [notice] = report.notices
    const opened = t(report.nodes === 1 ? 'report.openedOne' : 'report.opened', { name, nodes: report.nodes })
    tell.say(notice && !where.isExample ? `${opened} · ${notice.message}` : opened)
  }

  function failed(name: string, error: unknown): void {
    const message =
      error instanceof ApiError && error.hint
        ? withHint(error.message, error.hint)
        : error instanceof Error
          ? fromServer(error.message)
          : ''
    tell.warn(t('report.failed', { name, message }))
  }

  /** The pictures an example needs, put into the input folder when they are not there yet. */
  async function bringInputs(text: string): Promise<void> {
    const needed = exampleInputs.filter(({ name }) => text.includes(`"${name}"`))
    if (needed.length === 0) return
    const there = new Set((await api.assets('input')).map(asset => asset.filename))
    for (const { name, url } of needed) {
      if (there.has(name)) continue
      const bytes = await (await fetch(url)).blob()
      await api.upload(bytes, name)
    }
    if (needed.some(({ name }) => !there.has(name))) await parts.loadTypes()
  }

  const self = {
    /** `isQuiet`: whoever asks says himself what is wrong when there is no workflow in it. */
    async openFile(
      file: File,
      isQuiet = false,
    ): Promise<'opened' | 'cancelled' | 'failed' | { readonly a1111: string }> {
      const name = file.name.replace(/\.[a-z0-9]+$/i, '')
      try {
        const isJson = /json$/i.test(file.type) || /\.json$/i.test(file.name)
        const { answer, own } = isJson
          ? await readJson(file, file.name, file.text())
          : { answer: await read(file, file.name) }
        if (!answer) return 'cancelled'
        show(name, answer, { isFromFile: true, own })
        // Somebody who brings a picture may not know that a graph is in it.
        if (!isJson && !store.dialog.value)
          tell.say(t('report.openedFrom', { name: file.name, nodes: answer.report.nodes }))
        return 'opened'
      } catch (error) {
        if (error instanceof ApiError && error.code === 'workflow-a1111') return { a1111: error.found ?? '' }
        if (!isQuiet || (error instanceof ApiError && error.isOffline)) failed(file.name, error)
        return 'failed'
      }
    },
    /** A workflow or API file as text. */
    async openText(text: string, name: string): Promise<void> {
      await self.openFile(new File([text], `${name}.json`, { type: 'application/json' }))
    },
    async openExample(name: string): Promise<void> {
      try {
        const text = await api.readExample(name)
        await bringInputs(text)
        const { answer, own } = await readJson(new File([text], `${name}.json`), `${name}.json`, text)
        if (answer) show(name, answer, { isExample: true, own })
      } catch (error) {
        failed(name, error)
      }
    },
    async openSaved(path: string): Promise<void> {
      const already = store.documents.value.find(document => document.path === path)
      if (already) return documents.activate(already.key)
      const name = path.replace(/\.json$/, '')
      try {
        const text = await api.readWorkflow(path)
        const { answer, own } = await readJson(new File([text], path), path.split('/').at(-1) ?? path, text)
        if (!answer) return
        const serverModified = store.workflows.value.find(file => file.path === path)?.modified
        show(name, answer, {
          path,
          own,
          ...(serverModified !== undefined && { serverModified }),
        })
      } catch (error) {
        failed(name, error)
      }
    },
    /** A run's graph with its values, and its results in their places. */
    async openRun(id: string): Promise<void> {
      try {
        const { name, workflow, prompt } = await api.runDetails(id)
        const source = isObject(workflow as never) ? (workflow as JsonObject) : undefined
        const file =
          source ??
          workflowFromPrompt(isObject(prompt as never) ? (prompt as JsonObject) : {}, type =>
            store.types.value.get(type),
          )
        documents.open({ name: name ?? id.slice(0, 8), text: writeJson(file), promptId: id, isUnsaved: true })
      } catch (error) {
        failed(id.slice(0, 8), error)
      }
    },
    newWorkflow(): void {
      documents.open({ name: t('tabs.untitled'), text: writeJson(emptyWorkflow()) })
    },
    download(): void {
      const document = activeDocument(store)
      if (!document) return
      saveAs(`${document.name}.json`, writeJson(parseJson(documents.text()), 2))
    },
    async exportApi(): Promise<void> {
      const document = activeDocument(store)
      if (!document) return
      try {
        const { prompt } = await api.importJson(parseJson(documents.text()))
        saveAs(`${document.name}-api.json`, writeJson(prompt, 2))
      } catch (error) {
        tell.complain(error)
      }
    },
  }
  return self
}

export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
  } catch {
    // Without permission, the old way.
    const area = document.createElement('textarea')
    area.value = text
    document.body.append(area)
    area.select()
    document.execCommand('copy')
    area.remove()
  }
}

function saveAs(name: string, text: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
