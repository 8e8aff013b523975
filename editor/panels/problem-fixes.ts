import { isObject, parseJson } from '../api/index.ts'
import { activeDocument, type Problem } from '../app/store.ts'
import { slotLabel, t } from '../i18n/index.ts'
import type { Page } from './context.ts'

type Fix = { readonly label: string; readonly act: () => void }

/** What is put right on the page of the cloud workflow. */
const pageCodes: ReadonlySet<string> = new Set([
  'cloud-380',
  'cloud-433',
  'cloud-803',
  'cloud-810',
  'cloud-901',
  'cloud-1101',
])
/** Codes that mean that a key is missing or refused. */
const keyCodes: ReadonlySet<string> = new Set(['no-key', 'cloud-401', 'cloud-802', 'cloud-412', 'cloud-1014'])

/** The next step for a problem, where there is one that a button can take. */
export function fixOf(
  page: Page,
  problem: Pick<Problem, 'nodeId' | 'input' | 'code' | 'fix'>,
): Fix | undefined {
  const { canvas, store, actions } = page
  const { nodeId, input, code } = problem
  if (code === 'prompt_no_outputs') {
    return { label: t('fix.addOutput'), act: () => search(page, { onlyOutputs: true }) }
  }
  if (code === 'keys-locked') return { label: t('lock.unlock'), act: () => actions.openPanel('settings') }
  if (keyCodes.has(code)) return { label: t('fix.addKey'), act: () => actions.openPanel('settings') }
  if (nodeId === undefined) return undefined
  const written = valueFix(page, nodeId, problem.fix)
  if (written) return written
  if (code === 'missing_node_type') {
    return {
      label: t('fix.mute'),
      act: () => {
        canvas.reveal(nodeId)
        canvas.commands.mute()
      },
    }
  }
  const type = canvas.node(nodeId)?.nodeType
  const media = type?.widgets.find(widget => widget.name === input)
  if (media?.kind === 'file') {
    return { label: t('fix.chooseFile'), act: () => chooseFor(page, nodeId, media.media) }
  }
  if (code === 'required_input_missing' && input !== undefined) {
    const link = linkTo(page, nodeId, input)
    return link && { label: t('fix.findNode'), act: () => search(page, { link }) }
  }
  if (pageCodes.has(code)) {
    const address = cloudPageOf(store, nodeId)
    if (address === undefined) return undefined
    return { label: t('fix.openPage'), act: () => void window.open(address, '_blank', 'noreferrer') }
  }
  return undefined
}

/** Writes the values that put it right, where the node has them itself. */
function valueFix({ canvas }: Page, nodeId: string, fix: Problem['fix']): Fix | undefined {
  const [first, ...more] = Object.entries(fix ?? {})
  const type = canvas.node(nodeId)?.nodeType
  if (!fix || !first || !type || !canvas.canSet(nodeId, Object.keys(fix))) return undefined
  const named = [first, ...more].map(([name, value]) => `${slotLabel(type, name)}: ${String(value)}`)
  return {
    label: t('fix.set', { values: named.join(', ') }),
    act: () => {
      canvas.reveal(nodeId)
      canvas.setValues(nodeId, fix)
    },
  }
}

/** The page of the cloud workflow or app that a node calls by way of its settings; nothing in the sandbox, whose ids are its own. */
function cloudPageOf(store: Page['store'], nodeId: string): string | undefined {
  const file = parseJson(activeDocument(store)?.history.present ?? '{}')
  if (store.health.value?.mode !== 'cloud' || !isObject(file)) return undefined
  const nodes = (Array.isArray(file.nodes) ? file.nodes : []).filter(isObject)
  const node = nodes.find(({ id }) => String(id) === nodeId)
  const inputs = (Array.isArray(node?.inputs) ? node.inputs : []).filter(isObject)
  const link = inputs.find(({ name }) => name === 'apiConfig')?.link
  const feeding = nodes.find(
    ({ outputs }) =>
      Array.isArray(outputs) &&
      outputs.some(
        output => isObject(output) && Array.isArray(output.links) && output.links.includes(link ?? -1),
      ),
  )
  const [site, , id] = Array.isArray(feeding?.widgets_values) ? feeding.widgets_values : []
  if (typeof site !== 'string' || !/^https:\/\//.test(site) || !/^\d{16,20}$/.test(String(id)))
    return undefined
  const isApp = Array.isArray(node?.widgets_values) && node.widgets_values[2] === true
  return `${site}/${isApp ? 'ai-detail' : 'workflow'}/${String(id)}`
}

function search(
  { canvas, store }: Page,
  how: { link?: NonNullable<ReturnType<typeof linkTo>>; onlyOutputs?: boolean },
): void {
  const box = canvas.element.getBoundingClientRect()
  if (how.link) canvas.reveal(how.link.nodeId)
  const at = { x: box.left + box.width / 2 - (how.link ? 380 : 180), y: box.top + box.height / 3 }
  store.popup.value = {
    kind: 'search',
    at,
    place: canvas.toGraph(at.x, at.y),
    link: how.link,
    ...(how.onlyOutputs && { onlyOutputs: true }),
  }
}

/** The loose end of an input, as if a link had been dragged from it. */
function linkTo({ canvas, store }: Page, nodeId: string, input: string) {
  const file = parseJson(activeDocument(store)?.history.present ?? '{}')
  const nodes = isObject(file) && Array.isArray(file.nodes) ? file.nodes : []
  const node = nodes.find(candidate => isObject(candidate) && String(candidate.id) === nodeId)
  const inputs = isObject(node) && Array.isArray(node.inputs) ? node.inputs : []
  const slot = inputs.findIndex(candidate => isObject(candidate) && candidate.name === input)
  const type = canvas.node(nodeId)?.nodeType?.sockets.find(socket => socket.name === input)?.type
  return slot < 0 || type === undefined ? undefined : { nodeId, slot, from: 'input' as const, type }
}

function chooseFor({ canvas }: Page, nodeId: string, media: string): void {
  const field = document.createElement('input')
  field.type = 'file'
  field.accept = `${media}/*`
  field.addEventListener('change', () => {
    const [file] = field.files ?? []
    if (file) canvas.giveFile(nodeId, file)
  })
  field.click()
}
