import type { Api } from '../api/index.ts'
import type { GraphCanvas } from '../canvas/index.ts'
import { t } from '../i18n/index.ts'
import { isCloudText } from '../node-types/index.ts'
import { isOver } from '../state/index.ts'
import type { Checking } from './checking.ts'
import { createCloud } from './cloud.ts'
import type { Documents } from './documents.ts'
import { copyText, type Files } from './files.ts'
import { createIntake } from './intake.ts'
import type { Keys } from './keys.ts'
import { createNodeActions } from './node-actions.ts'
import type { Running } from './running.ts'
import {
  activeDocument,
  activeRun,
  type HistoryWish,
  isUnsaved,
  type PanelName,
  type Store,
} from './store.ts'
import type { Tell } from './tell.ts'

export type Actions = ReturnType<typeof createActions>
const historyLimit = '200'

/** What buttons, menus and keys do. */
export function createActions(parts: {
  store: Store
  api: Api
  canvas: GraphCanvas
  documents: Documents
  files: Files
  running: Running
  checking: Checking
  keys: Keys
  tell: Tell
}) {
  const { store, api, canvas, documents, files, running, checking, keys, tell } = parts
  /** The clipboard as this page last wrote it, for where the browser does not let it be read. */
  let ownClipboard = ''

  const ask = (text: string, yes: string, isDangerous = false): Promise<boolean> =>
    new Promise(answer => {
      store.dialog.value = { kind: 'ask', text, yes, isDangerous, answer }
    })
  const askText = (label: string, value: string, yes: string): Promise<string | undefined> =>
    new Promise(answer => {
      store.dialog.value = { kind: 'prompt', label, value, yes, answer }
    })
  /** Failures are told; nothing is thrown at a button. */
  const guarded =
    <A extends unknown[]>(act: (...args: A) => Promise<unknown>) =>
    async (...args: A): Promise<void> => {
      try {
        await act(...args)
      } catch (error) {
        tell.complain(error)
      }
    }

  async function saveTo(path: string): Promise<boolean> {
    const first = await documents.save(path, { overwrite: false })
    if (first !== 'saved') {
      const text = t(first === 'exists' ? 'file.exists' : 'file.changedElsewhere', { name: path })
      if (!(await ask(text, t('file.overwrite'), true))) return false
      await documents.save(path, { overwrite: true })
    }
    tell.say(t('file.savedAs', { name: path }))
    return true
  }

  const cloud = createCloud({ store, api, canvas, documents, files, tell })
  const self = {
    ask,
    ...cloud,
    ...createIntake({ store, api, canvas, files, tell, ask, bringCloudText: cloud.bringCloudText }),
    ...createNodeActions({ store, api, canvas, running, tell }),
    refreshExamples: guarded(async () => {
      store.examples.value = await api.examples()
    }),
    refreshRuns: guarded(async () => {
      store.runList.value = await api.runs({ limit: historyLimit })
      await self.searchRuns(store.historyWish.value)
    }),
    /** Narrows the finished runs; the server looks through all it has. */
    searchRuns: guarded(async (wish: HistoryWish) => {
      store.historyWish.value = wish
      const given = Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== ''))
      const found =
        Object.keys(given).length === 0 ? undefined : await api.runs({ limit: historyLimit, ...given })
      // Letters typed meanwhile have asked for something else.
      if (store.historyWish.value === wish) store.foundRuns.value = found
    }),
    refreshResults: guarded(async () => {
      store.results.value = await api.assets('output')
    }),
    refreshWorkflows: guarded(async () => {
      store.workflows.value = await api.workflows()
    }),

    run: (how: Parameters<Running['queue']>[0] = {}) => running.queue(how),
    async runBatch(count: number): Promise<void> {
      for (let at = 0; at < count; at++) if (!(await running.queue())) return
    },
    stop: () => {
      const run = activeRun(store)
      void running.stop(run && !isOver(run) ? run.promptId : undefined)
    },
    stopAll: () => void running.stop(undefined),
    cancelRun: guarded(async (id: string) => {
      await api.stopRun(id)
      await self.refreshRuns()
    }),
    moveToFront: guarded(async (id: string) => {
      await api.front(id)
      await self.refreshRuns()
    }),
    stopNodeOf: guarded(async (id: string, nodeId: string) => {
      await api.stopNode(id, nodeId)
    }),
    clearQueue: guarded(async () => {
      await api.clearQueue()
      await self.refreshRuns()
    }),
    clearHistory: guarded(async () => {
      await api.clearHistory()
      await self.refreshRuns()
    }),
    removeRun: guarded(async (id: string) => {
      await api.deleteRuns([id])
      await self.refreshRuns()
    }),
    showRun: guarded(async (id: string) => {
      store.runDetails.value = undefined
      store.dialog.value = { kind: 'run', id }
      store.runDetails.value = await api.runDetails(id)
    }),
    runEnded(status: string): void {
      void self.refreshRuns()
      void self.refreshResults()
      keys.lookSoon()
      if (!document.hidden) return
      const text = status === 'error' ? t('notify.failed') : t('notify.done')
      if (store.notifyShow.value && 'Notification' in window && Notification.permission === 'granted') {
        new Notification('rh-bridge', { body: text })
      }
      if (store.notifySound.value) chime()
    },

    save: guarded(async () => {
      const document = activeDocument(store)
      if (!document) return
      if (document.path !== undefined) await saveTo(document.path)
      else await self.saveAs()
    }),
    /** A command names a file: saves the graph, and shows its snippets again. */
    saveForCommand: guarded(async () => {
      await self.save()
      store.dialog.value = { kind: 'snippets' }
    }),
    saveAs: guarded(async () => {
      const document = activeDocument(store)
      if (!document) return
      const name = await askText(t('file.saveName'), document.name, t('file.save'))
      if (name === undefined || name.trim() === '') return
      await saveTo(`${name.trim().replace(/\.json$/i, '')}.json`)
    }),
    renameSaved: guarded(async (path: string) => {
      const name = await askText(t('file.saveName'), path.replace(/\.json$/, ''), t('file.rename'))
      if (name === undefined || name.trim() === '') return
      const to = `${name.trim().replace(/\.json$/i, '')}.json`
      if (to === path) return
      await api.renameWorkflow(path, to)
      documents.renamed(path, to)
      await self.refreshWorkflows()
    }),
    duplicateSaved: guarded(async (path: string) => {
      const text = await api.readWorkflow(path)
      const taken = new Set(store.workflows.value.map(file => file.path))
      const base = path.replace(/\.json$/, '')
      let number = 2
      while (taken.has(`${base} ${number}.json`)) number++
      await api.writeWorkflow(`${base} ${number}.json`, text, { overwrite: false })
      await self.refreshWorkflows()
    }),
    deleteSaved: guarded(async (path: string) => {
      if (!(await ask(t('file.deleteAsk', { name: path }), t('file.delete'), true))) return
      await api.deleteWorkflow(path)
      documents.deleted(path)
      await self.refreshWorkflows()
    }),
    closeTab: guarded(async (key: string) => {
      const open = store.documents.value.find(candidate => candidate.key === key)
      if (!open) return
      if (
        isUnsaved(open) &&
        !(await ask(t('file.closeAsk', { name: open.name }), t('file.closeAnyway'), true))
      )
        return
      documents.close(key)
      await self.releasePins()
    }),
    /** A link, an id or a workflow as text, or an AI app by words. */
    openBring(): void {
      store.dialog.value = { kind: 'bring' }
    },
    /** A link, id or call of RunningHub, or a workflow. */
    async bringText(text: string, at?: readonly [number, number]): Promise<void> {
      if (isCloudText(text)) await cloud.bringCloudText(text, at)
      else if (text.trim() !== '') await files.openText(text, t('tabs.untitled'))
    },
    chooseFile(): void {
      const input = document.createElement('input')
      input.type = 'file'
      input.accept = '.json,.png,.webp,.mp4,.webm,.mov,.mkv,.flac,.mp3,.ogg,.avif,.svg,.latent,.safetensors'
      input.addEventListener('change', () => {
        const [file] = input.files ?? []
        if (file) void files.openFile(file)
      })
      input.click()
    },

    togglePanel(name: PanelName): void {
      store.panel.value = store.panel.value === name ? undefined : name
    },
    openPanel(name: PanelName): void {
      store.panel.value = name
    },
    async copy(): Promise<void> {
      const text = canvas.copy()
      if (text === undefined) return
      ownClipboard = text
      await copyText(text)
    },
    async cut(): Promise<void> {
      await self.copy()
      canvas.commands.deleteSelected()
    },
    /** From another tab the text comes with the paste event; from the menu it is asked of the browser. */
    async paste(how: {
      keepOuterLinks: boolean
      text?: string
      at?: readonly [number, number]
    }): Promise<void> {
      let text = how.text
      if (text === undefined)
        text = (await navigator.clipboard?.readText().catch(() => undefined)) ?? ownClipboard
      if (canvas.canPaste(text)) {
        canvas.paste(text, { keepOuterLinks: how.keepOuterLinks, ...(how.at && { at: how.at }) })
      } else if (/^\s*\{/.test(text) || isCloudText(text)) await self.bringText(text, how.at)
    },
    duplicate(): void {
      const text = canvas.copy()
      if (text !== undefined) canvas.paste(text, { keepOuterLinks: true })
    },
    async checkNow(): Promise<void> {
      store.wasChecked.value = true
      await checking.now()
    },
  }
  return self
}

/** Two soft tones, made here: no file, no download. */
function chime(): void {
  const audio = new AudioContext()
  for (const [at, frequency] of [660, 880].entries()) {
    const tone = audio.createOscillator()
    const volume = audio.createGain()
    tone.frequency.value = frequency
    volume.gain.setValueAtTime(0.08, audio.currentTime + at * 0.15)
    volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + at * 0.15 + 0.3)
    tone.connect(volume).connect(audio.destination)
    tone.start(audio.currentTime + at * 0.15)
    tone.stop(audio.currentTime + at * 0.15 + 0.3)
  }
}
