import {
  type Api,
  ApiError,
  isObject,
  type Json,
  type JsonObject,
  newId,
  parseJson,
  writeJson,
} from '../api/index.ts'
import type { GraphCanvas } from '../canvas/index.ts'
import { t } from '../i18n/index.ts'
import { recordStep, redoStep, startHistory, undoStep } from '../state/index.ts'
import type { Draft, Drafts } from './drafts.ts'
import type { Session } from './session.ts'
import { activeDocument, isUnsaved, type OpenDocument, type Store } from './store.ts'
import type { Tell } from './tell.ts'

export const emptyWorkflow = (): JsonObject => ({
  last_node_id: 0,
  last_link_id: 0,
  nodes: [],
  links: [],
  groups: [],
  config: {},
  extra: {},
  version: 0.4,
})

const draftDelayMs = 400
const mostDrafts = 50

export type Documents = ReturnType<typeof createDocuments>

/** The open workflows: opening, closing, undo, saving on the server, drafts that outlive the page. */
export function createDocuments(parts: {
  store: Store
  api: Api
  canvas: GraphCanvas
  drafts: Drafts
  session: Session
  tell: Tell
  onShown: (document: OpenDocument) => void
  /** The active graph is another one than before. */
  onChanged: () => void
}) {
  const { store, api, canvas, drafts, session, tell } = parts
  let draftTimer: ReturnType<typeof setTimeout> | undefined

  function patch(key: string, change: Partial<OpenDocument>): void {
    store.documents.value = store.documents.value.map(document =>
      document.key === key ? { ...document, ...change } : document,
    )
  }

  function keepDraft(): void {
    clearTimeout(draftTimer)
    draftTimer = setTimeout(() => {
      const document = activeDocument(store)
      if (document) void writeDraft(document)
    }, draftDelayMs)
  }

  const draftOf = (document: OpenDocument): Draft =>
    toDraft(document.key === store.active.value ? { ...document, view: canvas.view() } : document)

  const writeDraft = (document: OpenDocument): Promise<void> =>
    drafts.put(draftOf(document)).catch(error => tell.complain(error))

  /** What `readAhead` read last. */
  let ahead: { readonly text: string; readonly file: Json } | undefined

  function show(document: OpenDocument): void {
    store.active.value = document.key
    const text = document.history.present
    const file = ahead?.text === text ? ahead.file : parseJson(text)
    ahead = undefined
    canvas.open(isObject(file) ? file : emptyWorkflow(), document.view)
    if (!document.view) canvas.fit()
    store.isEmpty.value = canvas.counts().nodes === 0
    store.problems.value = []
    store.warnings.value = []
    store.wasChecked.value = false
    store.selected.value = []
    parts.onShown(document)
    parts.onChanged()
    rememberKeys()
    void warnIfElsewhere(document)
  }

  function rememberKeys(): void {
    session.rememberKeys(
      store.documents.value.map(({ key }) => key),
      store.active.value,
    )
  }

  function leave(): void {
    const current = activeDocument(store)
    if (current) {
      patch(current.key, { view: canvas.view() })
      void writeDraft(current)
    }
  }

  async function warnIfElsewhere(document: OpenDocument): Promise<void> {
    store.isOpenElsewhere.value = false
    if (document.path === undefined) return
    const isMine = await session.claim(`path:${document.path}`)
    if (store.active.value === document.key) store.isOpenElsewhere.value = !isMine
  }

  /** Drafts of tabs that were closed without a loss are kept for a day, in case one comes back; and never more than a drawer full. */
  async function dropOld(others: readonly Draft[]): Promise<void> {
    const dayAgo = Date.now() - 24 * 3600_000
    const isUnchanged = (draft: Draft) => draft.text === draft.savedText
    const old = others
      .toSorted((a, b) => b.at - a.at)
      .filter((draft, at) => at >= mostDrafts || (isUnchanged(draft) && draft.at < dayAgo))
    for (const { key } of old) await drafts.remove(key).catch(() => {})
  }

  const self = {
    /**
     * A file's text as it is kept, without its layout; the canvas reads it, too, so that opening it is quick once it is known that nothing
     * in it is to be changed. Undefined for Python's NaN and the like: then the server's reading stands.
     */
    readAhead(written: string): string | undefined {
      try {
        const file = parseJson(written)
        const text = writeJson(file)
        if (isObject(file) && Array.isArray(file.nodes)) canvas.readAhead(file)
        ahead = { text, file }
        return text
      } catch {
        return undefined
      }
    },
    open(options: {
      name: string
      text: string
      path?: string
      serverModified?: number
      isExample?: boolean
      isFromFile?: boolean
      /** Not on any disk yet: leaving it would lose it. */
      isUnsaved?: boolean
      promptId?: string
    }): OpenDocument {
      leave()
      const document: OpenDocument = {
        key: newId(),
        name: options.name,
        path: options.path,
        history: startHistory(options.text),
        savedText: options.isUnsaved ? '' : options.text,
        view: undefined,
        serverModified: options.serverModified,
        promptId: options.promptId,
        isExample: options.isExample ?? false,
        isFromFile: options.isFromFile ?? false,
      }
      // An untouched example or empty canvas gives its place to what is opened.
      const current = activeDocument(store)
      const isNobodys = current?.isExample || canvas.counts().nodes === 0
      const replaces =
        current &&
        isNobodys &&
        !isUnsaved(current) &&
        current.path === undefined &&
        current.promptId === undefined
      const others = store.documents.value.filter(({ key }) => !(replaces && key === current.key))
      if (replaces) void drafts.remove(current.key)
      store.documents.value = [...others, document]
      show(document)
      keepDraft()
      return document
    },
    async restore(): Promise<boolean> {
      const all = withLeft(await drafts.all().catch(() => []), session.takeLeft())
      const { keys, active } = session.openKeys()
      const mine = keys.flatMap(key => all.find(draft => draft.key === key) ?? [])
      // What a closed or crashed tab left unsaved, unless another tab has it open.
      const lost: Draft[] = []
      for (const draft of all) {
        const isLost = !keys.includes(draft.key) && draft.text !== draft.savedText
        if (isLost && mine.length === 0 && (await session.claim(`draft:${draft.key}`))) lost.push(draft)
      }
      for (const draft of mine) void session.claim(`draft:${draft.key}`)
      void dropOld(all.filter(draft => !keys.includes(draft.key) && !lost.includes(draft)))
      const opened = [...mine, ...lost]
      if (opened.length === 0) return false
      store.documents.value = opened.map(fromDraft)
      const first = opened.find(draft => draft.key === active) ?? opened.at(-1)
      const document = store.documents.value.find(({ key }) => key === first?.key)
      if (document) show(document)
      if (lost.length > 0) {
        tell.say(t('file.recovered', { names: lost.map(({ name }) => name).join(', ') }))
      }
      return true
    },
    activate(key: string): void {
      if (key === store.active.value) return
      leave()
      const document = store.documents.value.find(candidate => candidate.key === key)
      if (document) show(document)
    },
    /** Closes without asking. */
    close(key: string): void {
      const rest = store.documents.value.filter(document => document.key !== key)
      const at = store.documents.value.findIndex(document => document.key === key)
      void drafts.remove(key)
      store.documents.value = rest
      if (store.active.value !== key) {
        rememberKeys()
        return
      }
      store.active.value = undefined
      const next = rest[Math.min(at, rest.length - 1)]
      if (next) show(next)
      else self.open({ name: t('tabs.untitled'), text: writeJson(emptyWorkflow()) })
    },
    /** Looks whether the graph differs from its last snapshot; if so that is one step of undo. */
    checkpoint(): boolean {
      const document = activeDocument(store)
      if (!document || canvas.isInGesture()) return false
      const history = recordStep(document.history, writeJson(canvas.save()))
      store.isEmpty.value = canvas.counts().nodes === 0
      if (history === document.history) return false
      void session.claim(`draft:${document.key}`)
      patch(document.key, { history })
      keepDraft()
      parts.onChanged()
      return true
    },
    undo: () => self.travel(undoStep),
    redo: () => self.travel(redoStep),
    travel(step: typeof undoStep): void {
      self.checkpoint()
      const document = activeDocument(store)
      if (!document) return
      const history = step(document.history)
      if (history === document.history) return
      const file = parseJson(history.present)
      if (isObject(file)) canvas.restore(file)
      patch(document.key, { history })
      store.isEmpty.value = canvas.counts().nodes === 0
      keepDraft()
      parts.onChanged()
    },
    setPrompt(key: string, promptId: string): void {
      patch(key, { promptId })
      const document = store.documents.value.find(candidate => candidate.key === key)
      // At once: what runs of a workflow is found again by it alone.
      if (document) void writeDraft(document)
    },
    /** Writes the active workflow to the server. `ask` decides about conflicts. */
    async save(path: string, how: { overwrite: boolean }): Promise<'saved' | 'exists' | 'changed'> {
      self.checkpoint()
      const document = activeDocument(store)
      if (!document) return 'saved'
      const isSame = document.path === path
      if (isSame && !how.overwrite) {
        const known = (await api.workflows()).find(file => file.path === path)
        if (known && document.serverModified !== undefined && known.modified > document.serverModified) {
          return 'changed'
        }
      }
      const text = document.history.present
      const pretty = writeJson(parseJson(text), 2)
      try {
        await api.writeWorkflow(path, pretty, { overwrite: isSame || how.overwrite })
      } catch (error) {
        if (error instanceof ApiError && error.status === 409) return 'exists'
        throw error
      }
      const listed = await api.workflows()
      store.workflows.value = listed
      patch(document.key, {
        path,
        name: path.replace(/\.json$/, ''),
        savedText: text,
        isExample: false,
        serverModified: listed.find(file => file.path === path)?.modified,
      })
      keepDraft()
      const saved = activeDocument(store)
      if (saved) void warnIfElsewhere(saved)
      return 'saved'
    },
    renamed(from: string, to: string): void {
      for (const document of store.documents.value) {
        if (document.path === from) patch(document.key, { path: to, name: to.replace(/\.json$/, '') })
      }
    },
    deleted(path: string): void {
      for (const document of store.documents.value) {
        if (document.path === path) patch(document.key, { path: undefined, savedText: '' })
      }
    },
    /** The page may go: the database is given what it has not got yet. */
    flush(): void {
      self.checkpoint()
      const document = activeDocument(store)
      if (document) void writeDraft(document)
    },
    /** The page goes: what the database may not take in any more is left to the tab. */
    leaveTab(): void {
      self.checkpoint()
      const document = activeDocument(store)
      session.leave(document && draftOf(document))
    },
    text: (): string => {
      self.checkpoint()
      return activeDocument(store)?.history.present ?? writeJson(emptyWorkflow())
    },
  }
  return self
}

/** What a page left as it went may be newer than what the database had time for. */
function withLeft(all: readonly Draft[], left: Draft | undefined): Draft[] {
  if (!left) return [...all]
  const known = all.find(({ key }) => key === left.key)
  return known && known.at >= left.at ? [...all] : [...all.filter(({ key }) => key !== left.key), left]
}

function toDraft(document: OpenDocument): Draft {
  const { key, name, path, history, savedText, view, promptId, isExample, isFromFile, serverModified } =
    document
  return {
    key,
    name,
    path: path ?? null,
    text: history.present,
    savedText,
    view: view ? { scale: view.scale, offset: [view.offset[0], view.offset[1]] } : null,
    promptId: promptId ?? null,
    isExample,
    isFromFile,
    serverModified: serverModified ?? null,
    at: Date.now(),
  }
}

function fromDraft(draft: Draft): OpenDocument {
  return {
    key: draft.key,
    name: draft.name,
    path: draft.path ?? undefined,
    history: startHistory(draft.text),
    savedText: draft.savedText,
    view: draft.view ?? undefined,
    serverModified: draft.serverModified ?? undefined,
    promptId: draft.promptId ?? undefined,
    isExample: draft.isExample,
    isFromFile: draft.isFromFile ?? false,
  }
}
