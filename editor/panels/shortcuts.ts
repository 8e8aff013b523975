import { t } from '../i18n/index.ts'
import type { Page } from './context.ts'

type Shortcut = { readonly keys: string; readonly act: (page: Page) => void; readonly inFields?: boolean }

/** ComfyUI's keys; Ctrl stands for Cmd on a Mac. `inFields`: also while typing. */
const shortcuts: readonly Shortcut[] = [
  { keys: 'Ctrl+Enter', act: page => void page.actions.run(), inFields: true },
  { keys: 'Ctrl+Shift+Enter', act: page => void page.actions.run({ front: true }), inFields: true },
  { keys: 'Ctrl+Alt+Enter', act: page => page.actions.stop(), inFields: true },
  {
    keys: 'R',
    act: page =>
      void page.loadTypes().then(
        () => page.tell.say(t('refreshed')),
        error => page.tell.complain(error),
      ),
  },
  { keys: 'Ctrl+S', act: page => void page.actions.save(), inFields: true },
  { keys: 'Ctrl+O', act: page => page.actions.chooseFile() },
  { keys: 'Ctrl+,', act: page => page.actions.togglePanel('settings') },
  { keys: 'W', act: page => page.actions.togglePanel('workflows') },
  { keys: 'N', act: page => page.actions.togglePanel('nodes') },
  { keys: 'B', act: page => page.batches.toggle() },
  { keys: 'Q', act: page => page.actions.togglePanel('queue') },
  { keys: 'A', act: page => page.actions.togglePanel('gallery') },
  { keys: 'G', act: page => page.actions.togglePanel('gallery') },
  {
    keys: 'P',
    // Pins what is chosen; with nothing chosen it is the panel of problems.
    act: page =>
      page.canvas.hasSelection() ? page.canvas.commands.pin() : page.actions.togglePanel('problems'),
  },
  { keys: 'Ctrl+Z', act: page => page.documents.undo() },
  { keys: 'Ctrl+Y', act: page => page.documents.redo() },
  { keys: 'Ctrl+Shift+Z', act: page => page.documents.redo() },
  { keys: 'Ctrl+A', act: page => page.canvas.commands.selectAll() },
  { keys: 'Ctrl+Shift+A', act: page => page.canvas.commands.arrange() },
  { keys: 'Delete', act: page => page.canvas.commands.deleteSelected() },
  { keys: 'Backspace', act: page => page.canvas.commands.deleteSelected() },
  { keys: 'Ctrl+D', act: page => page.actions.duplicate() },
  { keys: 'Ctrl+G', act: page => page.canvas.commands.group(t('menu.groupTitle')) },
  { keys: 'Ctrl+Shift+E', act: page => page.canvas.commands.toSubgraph(t('menu.subgraphTitle')) },
  { keys: 'Ctrl+M', act: page => page.canvas.commands.mute() },
  { keys: 'Ctrl+B', act: page => page.canvas.commands.bypass() },
  { keys: 'Alt+C', act: page => page.canvas.commands.collapse() },
  { keys: 'Alt+=', act: page => page.canvas.zoom(1.2) },
  { keys: 'Alt+-', act: page => page.canvas.zoom(1 / 1.2) },
  { keys: '.', act: page => page.canvas.fit() },
  { keys: 'H', act: page => page.canvas.setLocked(true) },
  { keys: 'V', act: page => page.canvas.setLocked(false) },
  { keys: 'Alt+Shift+M', act: page => void page.canvas.toggleMinimap() },
  {
    keys: 'Ctrl+Shift+K',
    act: page => {
      page.store.dialog.value = { kind: 'shortcuts' }
    },
  },
  {
    keys: '?',
    act: page => {
      page.store.dialog.value = { kind: 'shortcuts' }
    },
  },
  {
    keys: 'Escape',
    act: page => {
      if (!page.canvas.commands.leaveSubgraph()) page.store.panel.value = undefined
      page.documents.checkpoint()
    },
  },
]

export function bindShortcuts(page: Page): void {
  window.addEventListener('keydown', event => {
    if (page.store.dialog.value || page.store.popup.value || page.store.lightbox.value || event.isComposing)
      return
    const pressed = nameOf(event)
    const found = shortcuts.find(shortcut => shortcut.keys === pressed)
    if (!found || (isTyping(event) && !found.inFields)) return
    event.preventDefault()
    // What is being typed counts before it is saved or run.
    if (isTyping(event) && document.activeElement instanceof HTMLElement) page.documents.checkpoint()
    found.act(page)
  })
  const onClipboard = (type: 'copy' | 'cut', act: () => Promise<void>) =>
    document.addEventListener(type, event => {
      if (isTyping(event) || page.store.dialog.value || String(getSelection()) !== '') return
      const text = page.canvas.copy()
      if (text === undefined) return
      event.clipboardData?.setData('text/plain', text)
      event.preventDefault()
      void act()
    })
  onClipboard('copy', async () => {})
  onClipboard('cut', async () => page.canvas.commands.deleteSelected())
  let keepsLinks = false
  window.addEventListener('keydown', event => {
    if (event.key.toLowerCase() === 'v') keepsLinks = event.shiftKey
  })
  document.addEventListener('paste', event => {
    if (isTyping(event) || page.store.dialog.value || page.store.popup.value) return
    const [file] = event.clipboardData?.files ?? []
    event.preventDefault()
    if (file) {
      const [target] = page.canvas.selectedIds()
      void page.actions.bringFiles([file], { target, isPasted: true })
      return
    }
    const text = event.clipboardData?.getData('text/plain') ?? ''
    void page.actions.paste({ keepOuterLinks: keepsLinks, text })
  })
}

function nameOf(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key
  // Shift is part of how a sign is typed, not of its name.
  const isSign = event.key.length === 1 && !/[a-z0-9]/i.test(event.key)
  // On a Mac, Alt changes the letter: the key's place says which it was.
  const letter = event.altKey && event.code.startsWith('Key') ? event.code.slice(3) : key
  const parts = [
    event.ctrlKey || event.metaKey ? 'Ctrl' : '',
    event.altKey ? 'Alt' : '',
    event.shiftKey && !isSign ? 'Shift' : '',
    letter,
  ]
  return parts.filter(Boolean).join('+')
}

function isTyping(event: Event): boolean {
  const target = event.target instanceof HTMLElement ? event.target : undefined
  return (
    target !== undefined &&
    (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
  )
}
