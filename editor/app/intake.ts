import type { Api, FileKind } from '../api/index.ts'
import type { GraphCanvas } from '../canvas/index.ts'
import { t } from '../i18n/index.ts'
import { isCloudLink, readA1111 } from '../node-types/index.ts'
import { kindOf } from '../state/index.ts'
import type { Files } from './files.ts'
import type { Store } from './store.ts'
import type { Tell } from './tell.ts'

type Where = {
  /** The node they were brought to. */
  readonly target?: string | undefined
  /** Where on the page; without it, where the pointer was last. */
  readonly at?: { readonly x: number; readonly y: number }
  readonly isPasted?: boolean
}

const loaders: Partial<Record<FileKind, string>> = {
  image: 'LoadImage',
  video: 'LoadVideo',
  audio: 'LoadAudio',
}
/** Between nodes that are put down together. */
const gap = 40

/** What is dropped or pasted: a node's own file, a workflow to open, or a medium that becomes a loader. */
export function createIntake(parts: {
  store: Store
  api: Api
  canvas: GraphCanvas
  files: Files
  tell: Tell
  ask: (text: string, yes: string) => Promise<boolean>
  bringCloudText: (text: string, at: [number, number]) => Promise<void>
}) {
  const { store, api, canvas, files, tell } = parts

  const placeOf = ({ at }: Where): [number, number] =>
    at ? canvas.toGraph(at.x, at.y) : canvas.pointerPlace()

  async function offerPrompt(name: string, parameters: string, place: [number, number]): Promise<boolean> {
    const { prompt, negative } = readA1111(parameters)
    if (!(await parts.ask(t('intake.a1111', { name }), t('intake.a1111Yes')))) return false
    const type = 'PrimitiveStringMultiline'
    const add = (value: string, title: string, at: [number, number]) =>
      canvas.commands.addNode(type, at, { values: { value }, title })
    add(prompt, t('intake.a1111Title', { name }), place)
    if (negative !== '') {
      add(negative, t('intake.a1111Negative', { name }), [place[0], place[1] + 160 + gap])
    }
    return true
  }

  const self = {
    async bringFiles(brought: readonly File[], where: Where): Promise<void> {
      let [x, y] = placeOf(where)
      for (const file of brought) {
        const kind = kindOf(file.name)
        const loader = loaders[kind]
        if (loader !== undefined && where.target !== undefined && canvas.giveFile(where.target, file, where))
          continue
        const canLoad = loader !== undefined && store.types.value.has(loader)
        // A picture that is pasted is meant as a picture (ComfyUI: paste); one that is dropped may bring its workflow.
        const isMedium = where.isPasted && kind === 'image' && canLoad
        const opened = isMedium ? 'failed' : await files.openFile(file, canLoad)
        if (typeof opened === 'object') {
          if (await offerPrompt(file.name, opened.a1111, [x, y])) continue
        } else if (opened !== 'failed') continue
        if (!canLoad) continue
        const id = canvas.commands.addNode(loader, [x, y])
        if (id !== undefined) canvas.giveFile(id, file, where)
        x += gap
        y += gap
      }
    },
    /** A RunningHub link is shown with its fields; any other is fetched and taken as a file. */
    async bringLink(link: string, where: Where): Promise<void> {
      if (isCloudLink(link)) return parts.bringCloudText(link, placeOf(where))
      if (!URL.canParse(link) || !/^https?:/i.test(link)) {
        tell.warn(t('intake.noLink', { link: link.slice(0, 80) }))
        return
      }
      try {
        tell.say(t('intake.fetching', { host: new URL(link).host }))
        await self.bringFiles([await api.fetchLink(link)], where)
      } catch (error) {
        tell.complain(error)
      }
    },
  }
  return self
}
