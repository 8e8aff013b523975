import { computed, effect } from '@preact/signals'
import type { Api, BatchCommand, BatchSummary, SocketMessage } from '../api/index.ts'
import { parseJson } from '../api/index.ts'
import type { GraphCanvas } from '../canvas/index.ts'
import { nodeTitle, t } from '../i18n/index.ts'
import {
  append,
  batchInputs,
  kindOf,
  kindOfText,
  knownNames,
  recordStep,
  redoStep,
  type Table,
  undoStep,
} from '../state/index.ts'
import { type BatchDraft, bindingsOf, newDraft, readDraft, wishOf, writeDraft } from './batch-draft.ts'
import type { Documents } from './documents.ts'
import { activeDocument, type Store } from './store.ts'
import { type Tell, wordsOf } from './tell.ts'

export type BatchDesk = ReturnType<typeof createBatchDesk>

/** Media sent at a time. */
const lanes = 3
const folder = 'batch'
const place = 'rh-bridge.batch'

/** Batches: the table of the open graph, its plan, and what the server has under way. */
export function createBatchDesk(parts: {
  store: Store
  api: Api
  canvas: GraphCanvas
  documents: Documents
  tell: Tell
  ask: (text: string, yes: string, isDangerous?: boolean) => Promise<boolean>
}) {
  const { store, api, canvas, documents, tell } = parts
  let stopUpload = new AbortController()

  const inputs = computed(() => {
    const types = store.types.value
    return batchInputs(
      store.prompt.value,
      name => types.get(name),
      (id, name) => {
        const type = types.get(name)
        return canvas.node(id)?.title || (type ? nodeTitle(type) : name)
      },
    )
  })
  const draft = computed((): BatchDraft => {
    const key = store.active.value
    return (key === undefined ? undefined : store.batchDrafts.value.get(key)) ?? newDraft
  })
  const bindings = computed(() => bindingsOf(draft.value, inputs.value))

  function setDraft(next: BatchDraft): void {
    const key = store.active.value
    if (key === undefined || next === draft.value) return
    store.batchDrafts.value = new Map(store.batchDrafts.value).set(key, next)
  }
  function put(batch: BatchSummary): void {
    const others = store.batches.value
    store.batches.value = others.some(({ id }) => id === batch.id)
      ? others.map(other => (other.id === batch.id ? batch : other))
      : [batch, ...others]
  }
  async function guarded(act: () => Promise<unknown>): Promise<void> {
    try {
      await act()
    } catch (error) {
      tell.complain(error)
    }
  }
  /** With what is being typed this moment. */
  function wishNow() {
    const text = documents.text()
    const wish = wishOf(
      draft.value,
      { workflow: parseJson(text), name: activeDocument(store)?.name ?? '' },
      bindings.value,
    )
    return { text, wish }
  }

  const self = {
    inputs,
    draft,
    bindings,
    change: (facts: Partial<Omit<BatchDraft, 'table'>>) => setDraft({ ...draft.value, ...facts }),
    /** One step of undo. */
    edit(act: (table: Table) => Table): void {
      const { table } = draft.value
      const next = recordStep(table, act(table.present))
      if (next !== table) setDraft({ ...draft.value, table: next })
    },
    undo: () => setDraft({ ...draft.value, table: undoStep(draft.value.table) }),
    redo: () => setDraft({ ...draft.value, table: redoStep(draft.value.table) }),
    bind(column: string, targets: readonly string[]): void {
      // What another column filled goes over to this one.
      const others = Object.fromEntries(
        [...bindings.value]
          .filter(([name, has]) => name !== column && has.some(target => targets.includes(target)))
          .map(([name, has]) => [name, has.filter(target => !targets.includes(target))]),
      )
      self.change({ bound: { ...draft.value.bound, ...others, [column]: targets } })
    },
    /** A column's new name keeps where it goes. */
    renamed(from: string, to: string): void {
      const { [from]: targets, ...bound } = draft.value.bound
      if (targets) self.change({ bound: { ...bound, [to]: targets } })
    },

    /** A table in text: into an empty table as it is, else below what is there. */
    async readText(text: string, as?: 'table' | 'lines'): Promise<void> {
      if (text.trim() === '') return
      await guarded(async () => {
        const table = await api.readTable(text, as ?? kindOfText(text, knownNames(inputs.value)))
        self.edit(before => append(before, table))
        tell.say(t('batch.read', { rows: table.rows.length, columns: table.columns.length }))
      })
    },
    /** Tables are read, media are sent into the input folder and stand in rows of their own. */
    async addFiles(files: readonly File[]): Promise<void> {
      const media = files.filter(({ name }) => ['image', 'video', 'audio'].includes(kindOf(name)))
      for (const file of files) {
        if (media.includes(file)) continue
        if (/\.(csv|tsv|json|jsonl|ndjson|txt)$/i.test(file.name)) {
          await self.readText(await file.text(), /\.txt$/i.test(file.name) ? 'lines' : 'table')
        } else if (files.length === 1) tell.warn(t('batch.noTable', { name: file.name }))
      }
      if (media.length > 0) await guarded(() => self.addMedia(media))
    },
    async addMedia(files: readonly File[]): Promise<void> {
      stopUpload = new AbortController()
      const { signal } = stopUpload
      const names = new Map<File, string>()
      const waiting = [...files]
      store.batchUpload.value = { done: 0, of: files.length }
      const lane = async () => {
        for (let file = waiting.shift(); file && !signal.aborted; file = waiting.shift()) {
          const { name, subfolder } = await api.upload(file, file.name, folder)
          names.set(file, subfolder === '' ? name : `${subfolder}/${name}`)
          store.batchUpload.value = { done: names.size, of: files.length }
        }
      }
      try {
        await Promise.all(Array.from({ length: lanes }, lane))
      } finally {
        waiting.length = 0
        store.batchUpload.value = undefined
        // What has arrived is kept, also when the rest was given up.
        const byKind = Map.groupBy(
          files.filter(file => names.has(file)),
          ({ name }) => kindOf(name),
        )
        for (const [kind, those] of byKind) {
          const column = columnFor(kind)
          const rows = those.map(file => [names.get(file) ?? ''])
          self.edit(table => append(table, { columns: [column], rows }))
        }
      }
    },
    cancelUpload: () => stopUpload.abort(),

    async plan(): Promise<void> {
      const { text, wish } = wishNow()
      const mine = { draft: draft.value, graph: text }
      store.batchPlan.value = { ...mine, answer: 'asking' }
      const set = (answer: BatchAnswer) => {
        // Another question was asked meanwhile.
        if (store.batchPlan.value?.draft === mine.draft && store.batchPlan.value.graph === text)
          store.batchPlan.value = { ...mine, answer }
      }
      try {
        set(await api.planBatch(wish))
      } catch (error) {
        set({ problem: wordsOf(error) })
      }
    },
    /** Only what was planned: a graph that has changed since is planned again first. */
    async start(): Promise<void> {
      const { text, wish } = wishNow()
      const planned = store.batchPlan.value
      if (planned?.draft !== draft.value || planned.graph !== text) {
        tell.warn(t('batch.planAgain'))
        return self.plan()
      }
      await guarded(async () => {
        const { batch } = await api.startBatch(wish)
        if (!batch) return
        put(batch)
        store.batchPlan.value = undefined
        store.shownBatch.value = batch.id
      })
    },

    toggle: () => (store.isBatchOpen.value ? self.close() : self.open()),
    open(): void {
      store.isBatchOpen.value = true
      void self.refresh()
    },
    close(): void {
      store.isBatchOpen.value = false
      canvas.focus()
    },
    show(id: string | undefined): void {
      store.shownBatch.value = id
    },
    refresh: () =>
      guarded(async () => {
        store.batches.value = await api.batches()
        const shown = store.shownBatch.value
        if (!store.batches.value.some(({ id }) => id === shown)) store.shownBatch.value = undefined
      }),
    command: (id: string, what: BatchCommand) => guarded(async () => put(await api.commandBatch(id, what))),
    changeBatch: (id: string, facts: { parallel?: number; capCoins?: number | null }) =>
      guarded(async () => put(await api.changeBatch(id, facts))),
    remove: (id: string, title: string) =>
      guarded(async () => {
        if (!(await parts.ask(t('batch.removeAsk', { title }), t('batch.remove'), true))) return
        await api.removeBatch(id)
        await self.refresh()
      }),
    onMessage({ type, data }: SocketMessage): void {
      if (type !== 'bridge.batch') return
      const batch = api.readBatchNews(data)
      const before = store.batches.value.find(({ id }) => id === batch.id)
      put(batch)
      const isLookedAt = store.isBatchOpen.value && store.shownBatch.value === batch.id
      if (before?.state !== 'running' || isLookedAt) return
      const { title, done, rows } = batch
      if (batch.state === 'done') tell.toast(t('batch.toastDone', { title, done, rows }))
      else if (batch.state === 'paused') tell.toast(t('batch.toastPaused', { title, done, rows }), 'bad')
    },
  }

  /** The column that goes into a picker for such media, or one that is called after them. */
  function columnFor(kind: string): string {
    const pickers = new Set(inputs.value.filter(({ media }) => media === kind).map(({ target }) => target))
    const bound = [...bindings.value].find(([, targets]) => targets.some(target => pickers.has(target)))
    return bound?.[0] ?? kind
  }

  keepDrafts(store)
  return self
}

type BatchAnswer = NonNullable<Store['batchPlan']['value']>['answer']

/** Tables, and what is looked at, stay with the browser's tab: a reload finds them again. */
function keepDrafts(store: Store): void {
  const key = (name: string) => `${place}:${name}`
  const stored = (name: string) => sessionStorage.getItem(key(name))
  const keep = (name: string, value: string) => {
    try {
      sessionStorage.setItem(key(name), value)
    } catch {
      // Larger than the browser lets a page keep: then it lives as long as the page.
    }
  }
  store.isBatchOpen.value = stored('open') === 'yes'
  store.shownBatch.value = stored('shown') ?? undefined
  effect(() => keep('open', store.isBatchOpen.value ? 'yes' : 'no'))
  effect(() => keep('shown', store.shownBatch.value ?? ''))
  effect(() => {
    const active = store.active.value
    if (active === undefined || store.batchDrafts.value.has(active)) return
    const draft = readDraft(stored(`draft:${active}`))
    if (draft) store.batchDrafts.value = new Map(store.batchDrafts.value).set(active, draft)
  })
  let timer: ReturnType<typeof setTimeout> | undefined
  const write = () => {
    clearTimeout(timer)
    timer = undefined
    for (const [name, draft] of store.batchDrafts.value) keep(`draft:${name}`, writeDraft(draft))
  }
  effect(() => {
    if (store.batchDrafts.value.size > 0) timer ??= setTimeout(write, 500)
  })
  window.addEventListener('pagehide', write)
}
