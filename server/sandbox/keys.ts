import { isPlaceholderKey } from '../shared/secrets.ts'
import type { Refusal } from './reply.ts'

/** The key the product uses when it knows none. It opens nothing but a sandbox. */
export const sandboxKey = 'rhSandboxKeyForLocalTestingOnly0'

/** CNY in the wallet of every account. */
export const startMoney = 999

type ApiType = 'NORMAL' | 'SHARED' | 'EXCLUSIVE'

/** What words in a key (any case) make of its account. Any other key that is no placeholder is NORMAL with 99999 coins. */
export const keyWords = {
  invalid: 'at the start: the key is refused, 802 on v1, 401 on v2',
  shared: 'SHARED: pays money, may call standard models',
  exclusive: 'EXCLUSIVE: 415 when full; waits instead when usePersonalQueue is set',
  free: '801 when creating: free accounts have no API',
  broke: '416 when creating: the balance is too low',
} as const

export type Account = {
  key: string
  userId: string
  apiType: ApiType
  coins: number
  money: number
  /** Standard models and what belongs to them. */
  mayCallModels: boolean
  /** Why nothing can be created with this key. */
  refusal: Refusal | null
}

export type Accounts = {
  /** The account of a key, opened on first use; null when RunningHub would not know the key. */
  open(key: string): Account | null
}

/** More keys than this are forgotten, oldest first. */
const mostAccounts = 1000

export function createAccounts(options: {
  strict: boolean
  newUserId: () => string
  keyKind?: 'normal' | 'shared' | 'exclusive'
}): Accounts {
  const accounts = new Map<string, Account>()
  return {
    open(key) {
      if (isPlaceholderKey(key) || /^(invalid|your_)/i.test(key)) return null
      if (options.strict && key.length !== 32) return null
      const known = accounts.get(key)
      if (known) return known
      const account = newAccount(key, options.newUserId(), options.keyKind)
      accounts.set(key, account)
      if (accounts.size > mostAccounts) {
        for (const oldest of accounts.keys()) {
          accounts.delete(oldest)
          break
        }
      }
      return account
    },
  }
}

function newAccount(
  key: string,
  userId: string,
  keyKind: 'normal' | 'shared' | 'exclusive' | undefined,
): Account {
  // Whoever has no account yet tries everything; a chosen kind is kept to the letter.
  const isForTrying = key === sandboxKey && keyKind === undefined
  const word = key === sandboxKey && keyKind !== undefined ? keyKind : key.toLowerCase()
  const apiType = word.includes('shared') ? 'SHARED' : word.includes('exclusive') ? 'EXCLUSIVE' : 'NORMAL'
  const refusal = word.includes('free')
    ? { code: 801, msg: 'APIKEY_UNSUPPORTED_FREE_USER' }
    : word.includes('broke')
      ? { code: 416, msg: 'TASK_CREATE_FAILED_BY_NOT_ENOUGH_WALLET' }
      : null
  const mayCallModels = apiType === 'SHARED' || isForTrying
  const coins = word.includes('broke') ? 0 : 99999
  return { key, userId, apiType, coins, money: startMoney, mayCallModels, refusal }
}
