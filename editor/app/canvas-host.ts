import type { Api } from '../api/index.ts'
import type { CanvasHost, GraphCanvas, Strip } from '../canvas/index.ts'
import { fromServer, language, nodeTitle, slotLabel, t } from '../i18n/index.ts'
import { stripOf } from '../state/index.ts'
import type { Actions } from './actions.ts'
import type { Documents } from './documents.ts'
import { activeRun, type Store } from './store.ts'
import { type Tell, wordsOf } from './tell.ts'

/** The page's answers to what the canvas asks. */
export function createCanvasHost(parts: {
  store: Store
  api: Api
  tell: Tell
  canvas: () => GraphCanvas
  documents: () => Documents
  actions: () => Pick<Actions, 'runNode' | 'stopNode' | 'cloudFields'>
  loadTypes: () => Promise<void>
}): CanvasHost {
  const { store, api, tell } = parts
  return {
    pickOption: request => {
      store.popup.value = { kind: 'options', request }
    },
    pickFile: request => {
      store.popup.value = { kind: 'options', request }
    },
    pickKey: request => {
      store.popup.value = { kind: 'keys', request }
    },
    openMenu: (target, at) => {
      store.popup.value = { kind: 'menu', target, at }
    },
    searchNode: (at, place, link) => {
      store.popup.value = { kind: 'search', at, place, link }
    },
    async upload(file, { isPasted }) {
      try {
        const { name, subfolder } = await api.upload(file, file.name, isPasted ? 'pasted' : '')
        void parts.loadTypes().catch(error => tell.complain(error))
        return subfolder === '' ? name : `${subfolder}/${name}`
      } catch (error) {
        tell.warn(t('upload.failed', { name: file.name, message: wordsOf(error) }))
        throw error
      }
    },
    mediaUrl(name, how) {
      const annotated = /^(.*?)\s?\[(input|output|temp)\]$/.exec(name)
      const path = annotated?.[1] ?? name
      const cut = path.lastIndexOf('/')
      return api.viewUrl(
        {
          filename: path.slice(cut + 1),
          subfolder: cut < 0 ? '' : path.slice(0, cut),
          type: annotated?.[2] ?? 'input',
        },
        how,
      )
    },
    stripOf(nodeId): Strip | undefined {
      const run = activeRun(store)
      const node = run?.nodes[nodeId] ?? innermost(run?.nodes, nodeId)
      const isAsked = store.questions.value.some(
        question => question.runId === run?.promptId && question.nodeId === nodeId,
      )
      if (isAsked) return { text: t('strip.unknownCreate'), tone: 'wait', opens: true }
      const strip = node && stripOf(node, Date.now(), t)
      return strip?.tone === 'bad' ? { ...strip, text: fromServer(strip.text) } : strip
    },
    problemsOf: nodeId =>
      store.wasChecked.value
        ? store.problems.value
            .filter(problem => problem.nodeId === nodeId || problem.nodeId?.startsWith(`${nodeId}:`))
            .map(problem => problem.message)
        : [],
    needsGpu: type => store.gpuTypes.value.has(type),
    titleOf: nodeTitle,
    labelOf: slotLabel,
    helpOf: text => (language.value === 'en' ? text : undefined),
    language: () => language.value,
    cloudFields: target => parts.actions().cloudFields(target),
    word(key) {
      if (key === 'chooseFile') return t('word.chooseFile')
      if (key === 'unknownNode') return t('word.unknownNode')
      if (key === 'gpuNode') return t('word.gpuNode')
      if (key === 'frozen') return t('strip.frozen')
      if (key === 'title') return t('word.title')
      return store.health.value?.mode === 'sandbox' ? t('key.noneSandbox') : t('key.none')
    },
    onEdited: () => void parts.documents().checkpoint(),
    onSelected: () => {
      store.selected.value = parts.canvas().selectedIds()
    },
    onPathChanged: titles => {
      store.subgraphPath.value = titles
    },
    onRunClicked(nodeId, { isForced }) {
      const state = activeRun(store)?.nodes[nodeId]?.state
      if (state === 'running') void parts.actions().stopNode(nodeId)
      else void parts.actions().runNode(nodeId, { isForced })
    },
    onStripClicked(nodeId) {
      const run = activeRun(store)
      const question = store.questions.value.find(
        ({ runId, nodeId: asked }) => runId === run?.promptId && asked === nodeId,
      )
      if (question) {
        store.dialog.value = { kind: 'unknown', seq: question.seq }
        return
      }
      const place = parts.canvas().place(nodeId, 'title')
      store.popup.value = { kind: 'failure', nodeId, at: place ?? { x: 100, y: 100 } }
    },
  }
}

/** A subgraph's node shows what runs inside it. */
function innermost<T extends { state: string }>(
  nodes: Readonly<Record<string, T>> | undefined,
  nodeId: string,
): T | undefined {
  if (!nodes) return undefined
  const inside = Object.entries(nodes).filter(([id]) => id.startsWith(`${nodeId}:`))
  const live = inside.find(([, node]) => node.state === 'running' || node.state === 'failed')
  return (live ?? inside.at(-1))?.[1]
}
