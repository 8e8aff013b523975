import { ApiError } from '../api/index.ts'
import { fromServer, language, t } from '../i18n/index.ts'
import type { Notice, Store } from './store.ts'

export type Tell = ReturnType<typeof createTell>

/** The status line for what is not urgent; toasts for what happened elsewhere, never more than two. */
export function createTell(store: Store) {
  let lastId = 0
  return {
    say(text: string): void {
      store.notice.value = { text, tone: 'plain', at: Date.now() }
    },
    /** A sentence of our own about something that went wrong. */
    warn(text: string): void {
      store.notice.value = { text, tone: 'bad', at: Date.now() }
    },
    /** Why a run did not start; holds until the graph could. */
    refuse(text: string): void {
      store.notice.value = { text, tone: 'bad', at: Date.now(), holds: 'while-refused' }
    },
    complain(error: unknown): void {
      const isAway = error instanceof ApiError && error.isOffline
      store.notice.value = {
        ...{ text: wordsOf(error), tone: 'bad', at: Date.now() },
        ...(isAway && { holds: 'while-away' }),
      }
    },
    /** What no longer holds is not said any more. */
    settled(what: NonNullable<Notice['holds']>): void {
      if (store.notice.value?.holds === what) store.notice.value = undefined
    },
    toast(text: string, tone: 'plain' | 'bad' = 'plain'): void {
      const id = ++lastId
      store.toasts.value = [...store.toasts.value, { id, text, tone, at: Date.now() }].slice(-2)
      setTimeout(() => {
        store.toasts.value = store.toasts.value.filter(toast => toast.id !== id)
      }, 8_000)
    },
  }
}

export function wordsOf(error: unknown): string {
  if (error instanceof ApiError) {
    if (error.isOffline) return t('error.offline')
    return error.hint ? withHint(error.message, error.hint) : fromServer(error.message)
  }
  return t('error.unexpected', { message: error instanceof Error ? error.message : String(error) })
}

/** What happened, and what to do: two sentences, whether or not the first was written as one. */
export function withHint(message: string, hint: string): string {
  const said = fromServer(message)
  const isSentence = /[.!?…:。！？：]$/.test(said)
  const stop = language.value === 'zh' ? '。' : '. '
  const between = isSentence ? (/[。！？：]$/.test(said) ? '' : ' ') : stop
  return `${said}${between}${fromServer(hint)}`
}
