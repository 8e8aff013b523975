import type { Api, KeyFacts, KeyList } from '../api/index.ts'
import { t } from '../i18n/index.ts'
import type { Store } from './store.ts'
import { type Tell, wordsOf } from './tell.ts'

const restMs = 3_000

/** The stored keys, and what the site says of the one in use. Keys themselves are never here, only their names. */
export function createKeys(parts: { store: Store; api: Api; tell: Tell; redraw: () => void }) {
  const { store, api, tell } = parts
  let placeTimer: ReturnType<typeof setTimeout> | undefined
  let lookTimer: ReturnType<typeof setTimeout> | undefined

  /** What stands in the header follows what is stored. */
  function take({ keys, protection }: KeyList): void {
    store.keys.value = keys
    store.keyProtection.value = protection
  }
  async function changed(list: KeyList): Promise<void> {
    take(list)
    parts.redraw()
    await self.refreshPlace()
  }
  async function guarded(act: () => Promise<unknown>): Promise<void> {
    try {
      await act()
    } catch (error) {
      tell.complain(error)
    }
  }

  const self = {
    async refresh(): Promise<void> {
      take(await api.keys())
    },
    /** Where runs go now, and with which key. */
    async refreshPlace(): Promise<void> {
      const health = await api.health()
      const { keyName: before, keysLocked } = store.health.value ?? {}
      store.health.value = health
      // Locked or unlocked elsewhere: another tab, the command line.
      if (keysLocked !== undefined && keysLocked !== health.keysLocked) void self.refresh()
      if (health.mode === 'sandbox') store.account.value = undefined
      else if (health.keyName !== before || !store.account.value) void self.look()
    },
    /** The line has moved: what runs and waits is counted again, once for many moves. */
    refreshPlaceSoon(): void {
      if (placeTimer !== undefined) return
      placeTimer = setTimeout(() => {
        placeTimer = undefined
        // Without a server the counts stand still, and the banner says why.
        void self.refreshPlace().catch(() => {})
      }, 100)
    },
    /** Balance and slots of the key in use; after a task of ours, soon, and not for each of many. */
    lookSoon(): void {
      if (store.health.value?.mode !== 'cloud') return
      lookTimer ??= setTimeout(() => void self.look(), restMs)
    },
    async look(): Promise<void> {
      clearTimeout(lookTimer)
      lookTimer = undefined
      const { mode, keyName } = store.health.value ?? {}
      if (mode !== 'cloud' || keyName === undefined || keyName === null) return
      try {
        const facts = await api.testKey(keyName)
        const before = store.account.value
        store.account.value = { facts }
        const wasLow = before !== undefined && 'facts' in before && before.facts.isLow
        if (facts.isLow && !wasLow) tell.toast(t('account.low', { left: balanceText(facts) }), 'bad')
      } catch (error) {
        store.account.value = { problem: wordsOf(error) }
      }
    },
    /** Throws ApiError, for the form to say. */
    add: async (key: { name: string; key: string; baseUrl?: string; makeDefault?: boolean }) =>
      changed(await api.addKey(key)),
    rename: async (name: string, to: string) => changed(await api.changeKey(name, { name: to })),
    makeDefault: (name: string) => guarded(async () => changed(await api.changeKey(name, { default: true }))),
    keyStore: async (...how: Parameters<Api['keyStore']>) => changed(await api.keyStore(...how)),
    remove: (name: string) => guarded(async () => changed(await api.removeKey(name))),
    /** What the site says of a key, as a sentence. */
    async test(name: string): Promise<{ isGood: boolean; text: string }> {
      try {
        const facts = await api.testKey(name)
        const { site, kind, running, limit, isLow } = facts
        const parts = [
          new URL(site).host,
          kind,
          balanceText(facts),
          limit === null ? '' : t('account.slots', { running: running ?? 0, limit }),
          isLow ? t('account.isLow') : '',
        ]
        return { isGood: true, text: t('settings.keyWorks', { facts: parts.filter(Boolean).join(' · ') }) }
      } catch (error) {
        return { isGood: false, text: wordsOf(error) }
      }
    },
  }
  return self
}

/** What is left: coins, and money where there is a wallet. */
export function balanceText({ coins, money, currency }: KeyFacts): string {
  const parts = [
    coins === null ? '' : t('account.coins', { coins: grouped(coins) }),
    money === null || Number(money) === 0 ? '' : `${money} ${currency}`,
  ]
  return parts.filter(Boolean).join(' · ')
}

/** 1204 -> 1,204; what is no whole number stays as the site wrote it. */
function grouped(amount: string): string {
  return /^\d+$/.test(amount) ? BigInt(amount).toLocaleString('en') : amount
}

export type Keys = ReturnType<typeof createKeys>
