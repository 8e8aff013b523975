import { effect } from '@preact/signals'
import { type Api, connectSocket } from '../api/index.ts'
import { createCanvas, type GraphCanvas } from '../canvas/index.ts'
import { language, t } from '../i18n/index.ts'
import { readObjectInfo, virtualTypes } from '../node-types/index.ts'
import { isOver, shareOf } from '../state/index.ts'
import { createThemes } from '../theme/apply-theme.ts'
import { createActions } from './actions.ts'
import { createBatchDesk } from './batches.ts'
import { createCanvasHost } from './canvas-host.ts'
import { createChecking } from './checking.ts'
import { createDocuments } from './documents.ts'
import { createDrafts } from './drafts.ts'
import { createFiles } from './files.ts'
import { createKeys } from './keys.ts'
import { createLimits } from './limits.ts'
import { createModels } from './models.ts'
import { loadPreferences, watchPreferences } from './preferences.ts'
import { createPrices } from './prices.ts'
import { createQuestions } from './questions.ts'
import { createResultViews } from './results.ts'
import { createRunning } from './running.ts'
import type { Session } from './session.ts'
import { activeRun, createStore, isUnsaved, type OpenDocument } from './store.ts'
import { showShareInTab } from './tab-title.ts'
import { createTell } from './tell.ts'

export type Editor = ReturnType<typeof createEditor>

/** The house put together. The canvas comes later, when the page has a place for it. */
export function createEditor(parts: { api: Api; session: Session }) {
  const { api, session } = parts
  const store = createStore()
  const tell = createTell(store)
  loadPreferences(store)

  function mount(place: HTMLElement) {
    const canvas: GraphCanvas = createCanvas(
      place,
      createCanvasHost({
        store,
        api,
        tell,
        canvas: () => canvas,
        documents: () => documents,
        actions: () => actions,
        loadTypes: () => loadTypes(),
      }),
    )
    const themes = createThemes(() => canvas.applyTheme())
    const results = createResultViews({ store, api, canvas: () => canvas })
    const drafts = createDrafts('rh-bridge')
    const documents = createDocuments({
      store,
      api,
      canvas,
      drafts,
      session,
      tell,
      onShown: document => void running.resume(document),
      onChanged: () => {
        checking.soon()
        prices.soon()
      },
    })
    const checking = createChecking({ store, api, canvas: () => canvas, documents: () => documents, tell })
    const prices = createPrices({ store, api, documents: () => documents, tell })
    const keys = createKeys({ store, api, tell, redraw: () => canvas.redraw() })
    const limits = createLimits({ store, api, tell })
    const models = createModels({ store, api, tell, loadTypes: () => loadTypes() })
    const questions = createQuestions({ store, api, tell, redraw: () => canvas.redraw() })
    const files = createFiles({ store, api, documents, tell, loadTypes: () => loadTypes() })
    const running = createRunning({
      store,
      api,
      canvas,
      documents,
      tell,
      clientId: session.clientId,
      showOutput: results.show,
      check: checking.refused,
      onRunEnded: run => {
        actions.runEnded(run.status)
        prices.soon()
      },
    })
    const actions = createActions({ store, api, canvas, documents, files, running, checking, keys, tell })
    const batches = createBatchDesk({ store, api, canvas, documents, tell, ask: actions.ask })

    async function loadTypes(): Promise<void> {
      const types = readObjectInfo(await api.objectInfo())
      for (const type of virtualTypes) if (!types.has(type.type)) types.set(type.type, type)
      store.types.value = types
      canvas.setTypes(types)
      // Files may have come that were missing.
      checking.soon()
    }

    async function start(): Promise<void> {
      try {
        await Promise.all([loadTypes(), keys.refreshPlace(), keys.refresh()])
        if (!(await documents.restore())) await files.openExample('rh_text_to_image')
        if (store.documents.value.length === 0) files.newWorkflow()
      } catch (error) {
        tell.complain(error)
        setTimeout(() => void start(), 2_000)
        return
      }
      store.isReady.value = true
      void actions.refreshExamples()
      void actions.refreshRuns()
      void questions.refresh()
      void batches.refresh()
    }

    effect(() => canvas.setSnapping(store.snapsToGrid.value))
    effect(() => themes.choose(store.theme.value))
    effect(() => {
      document.documentElement.lang = language.value === 'zh' ? 'zh-CN' : 'en'
      canvas.element.setAttribute('aria-label', t('view.canvas'))
      canvas.relabel()
      // What was said in the other language.
      store.notice.value = undefined
      checking.soon()
    })
    effect(() => {
      const run = activeRun(store)
      const name = store.documents.value.find(({ key }) => key === store.active.value)?.name
      showShareInTab(run && !isOver(run) ? shareOf(run) : undefined, run?.status === 'error', name)
    })
    // Elapsed times and moving bars: only while something runs.
    setInterval(() => {
      const run = activeRun(store)
      if (!run || isOver(run)) return
      store.now.value = Date.now()
      canvas.redraw()
    }, 100)
    let wasLost = false
    connectSocket({
      url: api.socketUrl(session.clientId),
      onState(state) {
        store.connection.value = state
        if (state === 'lost') wasLost = true
        if (state === 'open' && wasLost) {
          wasLost = false
          tell.settled('while-away')
          checking.soon()
          void keys.refreshPlace()
          void questions.refresh()
          void batches.refresh()
          void loadTypes().catch(error => tell.complain(error))
          const document = store.documents.value.find(({ key }) => key === store.active.value)
          if (document) void running.resume(document)
        }
      },
      onMessage(message) {
        running.onMessage(message)
        questions.onMessage(message)
        batches.onMessage(message)
        if (message.type === 'bridge.task') keys.lookSoon()
        if (message.type === 'status') keys.refreshPlaceSoon()
        // Its shape tells how long it may take.
        if (message.type === 'execution_start') void actions.refreshRuns()
      },
    })
    watchPreferences(store)
    window.addEventListener('beforeunload', event => {
      documents.flush()
      // Drafts are kept, but only a save puts work where others see it.
      if (store.documents.value.some(isTheirs)) {
        event.preventDefault()
      }
    })
    window.addEventListener('pagehide', () => documents.leaveTab())
    void start()
    return {
      canvas,
      documents,
      files,
      running,
      actions,
      batches,
      keys,
      limits,
      models,
      prices,
      questions,
      loadTypes,
    }
  }
  return { store, api, tell, mount }
}

/** Work of theirs that no disk has: a saved workflow or an opened file, changed since. */
function isTheirs(document: OpenDocument): boolean {
  return isUnsaved(document) && (document.path !== undefined || document.isFromFile)
}

export type Mounted = ReturnType<Editor['mount']>
