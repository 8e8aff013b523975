import { type Api, type CloudDescription, writeJson } from '../api/index.ts'
import type { CloudTarget, GraphCanvas } from '../canvas/index.ts'
import { t } from '../i18n/index.ts'
import { type CloudField, chainGraph, cloudNodeGraph, fieldKey, infoGraph } from '../node-types/index.ts'
import type { Documents } from './documents.ts'
import type { Files } from './files.ts'
import { activeDocument, type CloudFound, isUnsaved, type Store } from './store.ts'
import type { Tell } from './tell.ts'

export type CloudShape = 'node' | 'chain'
const patienceMs = 2_000
/** What settings nodes start with (RunningHub: hosts). */
const usualSite = 'https://www.runninghub.cn'
/** The page of an app: what stands for it wherever something is pasted. The sandbox is no site, and knows those of the usual one. */
export const appLink = (id: string, site: string): string =>
  `${site.startsWith('https:') ? site.replace(/\/$/, '') : usualSite}/ai-detail/${id}`
type Place = readonly [number, number]

/** What is pasted of RunningHub: found out by the server, shown with its fields, and put down as nodes. */
export function createCloud(parts: {
  store: Store
  api: Api
  canvas: GraphCanvas
  documents: Documents
  files: Files
  tell: Tell
}) {
  const { store, api, canvas, documents, files, tell } = parts

  /** In a tab of its own while the open one holds nothing of theirs, else where it was pasted. */
  function putDown(name: string, graph: Parameters<GraphCanvas['insert']>[0], at: Place): void {
    const document = activeDocument(store)
    const isTheirs = document && (isUnsaved(document) || !document.isExample) && !store.isEmpty.value
    if (isTheirs) canvas.insert(graph, at)
    else documents.open({ name, text: writeJson(graph), isUnsaved: true })
  }

  const known = new Map<string, Promise<readonly CloudField[]>>()
  function ask(target: CloudTarget): Promise<readonly CloudField[]> {
    const key = writeJson([target.kind, target.id, target.site, target.key])
    const asked = known.get(key) ?? api.describeCloud(target).then(({ fields }) => fields)
    known.set(key, asked)
    // Asked again when it is wanted again.
    asked.catch(() => known.delete(key))
    return asked
  }

  return {
    /** The fields of what a graph calls; none when nobody says soon: a row must open under the hand. */
    async cloudFields(target: CloudTarget): Promise<readonly CloudField[]> {
      const soon = new Promise<readonly CloudField[]>(answer => setTimeout(() => answer([]), patienceMs))
      return Promise.race([ask(target), soon]).catch(() => [])
    },
    /** Finds out what a text is, and asks which of its fields are wanted. */
    async bringCloudText(text: string, at: Place = canvas.pointerPlace()): Promise<void> {
      try {
        tell.say(t('cloud.reading'))
        const { pasted, found } = await api.readCloud(text)
        if (found.length > 0) {
          store.notice.value = undefined
          store.dialog.value = { kind: 'cloud', found, items: pasted.items, site: pasted.site, at }
        } else if (pasted.what === 'file') await files.openText(text, t('tabs.untitled'))
        else if (pasted.what === 'items') {
          putDown(t('tabs.untitled'), infoGraph(pasted.items), at)
          tell.say(t('cloud.itemsAdded', { count: pasted.items.length }))
        } else if (pasted.what === 'model') tell.warn(t('cloud.model', { endpoint: pasted.endpoint ?? '' }))
        else tell.warn(t('cloud.nothing'))
      } catch (error) {
        tell.complain(error)
      }
    },
    /** Puts the nodes down that call it. */
    addCloud(
      target: CloudDescription & { readonly linkSite?: string | undefined },
      fields: readonly CloudField[],
      shape: CloudShape,
      at: Place,
    ): void {
      const { kind, id, name, site, linkSite } = target
      const call = { kind, id, name }
      // The sandbox may have answered for the site that the link leads to.
      const home = linkSite ?? (site.startsWith('https:') ? site : usualSite)
      const other = linkSite === usualSite ? undefined : linkSite
      const graph = shape === 'node' ? cloudNodeGraph(call, fields, other) : chainGraph(call, home, fields)
      putDown(name || id, graph, at)
      const isMuted = shape === 'chain' && fields.length === 0
      tell.say(isMuted ? t('start.chain') : t('cloud.added', { name: name || id }))
    },
  }
}

/** The fields of a description with the values that were pasted along; what it does not know of is a text. */
export function fieldsWith(
  { fields }: Pick<CloudDescription, 'fields'>,
  items: CloudFound['items'],
): readonly CloudField[] {
  const given = new Map(items.map(item => [fieldKey(item), item]))
  const known = new Set(fields.map(fieldKey))
  const more = items.filter(item => !known.has(fieldKey(item)))
  return [
    ...fields.map(field => ({ ...field, value: given.get(fieldKey(field))?.value ?? field.value })),
    ...more.map(item => ({
      ...item,
      title: '',
      label: { en: '', zh: '' },
      kind: 'text',
      multiline: false,
      options: [],
    })),
  ]
}
