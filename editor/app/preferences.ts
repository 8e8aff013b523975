import { effect } from '@preact/signals'
import { language, preferredLanguage } from '../i18n/index.ts'
import { type Store, snippetLanguages } from './store.ts'

const place = 'rh-bridge.preferences'

/** Choices of this browser: language, theme, what happens when a run ends, the open panel. */
export function loadPreferences(store: Store): void {
  const read = readStored()
  language.value =
    read.language === 'zh' || read.language === 'en' ? read.language : preferredLanguage(navigator.languages)
  if (read.theme === 'dark' || read.theme === 'light') store.theme.value = read.theme
  const snippets = snippetLanguages.find(name => name === read.snippets)
  if (snippets) store.snippetLanguage.value = snippets
  store.notifyShow.value = read.notifyShow === true
  store.notifySound.value = read.notifySound === true
  store.snapsToGrid.value = read.snapsToGrid === true
  store.isFirstLineShown.value = read.firstLine !== false
  const { panel } = read
  if (panel === 'workflows' || panel === 'nodes' || panel === 'queue' || panel === 'gallery')
    store.panel.value = panel
}

export function watchPreferences(store: Store): void {
  let isFirst = true
  effect(() => {
    const values = {
      language: language.value,
      theme: store.theme.value,
      snippets: store.snippetLanguage.value,
      notifyShow: store.notifyShow.value,
      notifySound: store.notifySound.value,
      snapsToGrid: store.snapsToGrid.value,
      firstLine: store.isFirstLineShown.value,
      panel: store.panel.value,
    }
    // What the browser prefers is not a choice until something is chosen.
    if (isFirst) isFirst = false
    else localStorage.setItem(place, JSON.stringify(values))
  })
}

function readStored(): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(place) ?? '{}')
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
