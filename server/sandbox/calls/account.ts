import { lastFour } from '../../shared/secrets.ts'
import { type Handler, openAccount, unauthorized, v2Account, v2Unauthorized, violate } from '../call.ts'
import { startMoney } from '../keys.ts'
import { refuse, success } from '../reply.ts'

/** RunningHub: accountStatus. It reads `apikey`, all lower case, and its complaint names the other spelling. */
export const accountStatus: Handler = (call, house) => {
  const { apikey } = call.body
  if (typeof apikey !== 'string' || apikey === '') {
    violate(call, house, 'apikey-spelling', 'accountStatus reads the key from "apikey"')
    return refuse({ code: 1601, msg: 'param apiKey is required' })
  }
  const account = openAccount(apikey, house)
  if (!account) return unauthorized()
  const { running, queued } = house.engine.counts(account)
  // The key for trying pays models from a wallet, which is seen once it was used.
  const paysMoney = account.apiType === 'SHARED' || account.money < startMoney
  return success({
    remainCoins: String(account.coins),
    currentTaskCounts: String(running + queued),
    remainMoney: paysMoney ? account.money.toFixed(2) : null,
    currency: paysMoney ? 'CNY' : null,
    apiType: account.apiType,
  })
}

/** RunningHub: queue/status, the truth about concurrency. */
export const queueStatus: Handler = (call, house) => {
  const account = v2Account(call, house)
  if (!account) return refuse(v2Unauthorized())
  const { running, queued } = house.engine.counts(account)
  return success({
    apiKeyType: account.apiType,
    concurrentLimit: house.concurrency,
    runningCount: String(running),
    queuedCount: String(queued),
    totalCurrentTasks: String(running + queued),
  })
}

export const apiKeyList: Handler = (call, house) => {
  const account = v2Account(call, house)
  if (!account) return refuse(v2Unauthorized())
  return success([
    {
      key: lastFour(account.key).replace('…', '****'),
      apiKeyName: 'sandbox',
      status: 1,
      quotaLimit: null,
      quotaUsed: '0',
      visible: true,
      expireAt: null,
      expireInMinute: null,
      createdAt: '2025-03-25T16:05:07',
    },
  ])
}
