import type { Request, Router } from 'express'
import type { z } from 'zod'
import { BridgeError } from '../shared/errors.ts'
import { lastFour } from '../shared/secrets.ts'
import { newPassphrase } from '../storage/index.ts'
import { HttpError, readObject, sendJson } from './answer.ts'
import { changedKeySchema, type keysSchema, newKeySchema, passphraseSchema } from './key-schemas.ts'
import type { Services } from './services.ts'

/** The kept keys by name, and how they lie on disk. A key itself never leaves the server; a passphrase is never kept. */
export function addKeyRoutes(router: Router, { bridge }: Pick<Services, 'bridge'>): void {
  const { keyStore } = bridge

  /** Names and last four characters. */
  async function list(): Promise<z.infer<typeof keysSchema>> {
    const protection = await keyStore.protection()
    if (protection.isLocked) return { keys: [], protection }
    const [all, main] = await Promise.all([keyStore.all(), keyStore.default()])
    const keys = all.map(({ name, key, baseUrl }) => ({
      name,
      lastFour: lastFour(key),
      baseUrl: baseUrl ?? null,
      isDefault: name === main?.name,
    }))
    return { keys, protection }
  }

  router.get('/keys', async (_request, response) => sendJson(response, await list()))

  router.post('/keys', async (request, response) => {
    const given = newKeySchema.safeParse(await readObject(request))
    if (!given.success) {
      throw new HttpError(
        400,
        'bad-key',
        'A key needs a name and its text, without spaces.',
        'Send { "name", "key" }.',
      )
    }
    const { name, key, baseUrl, makeDefault = false } = given.data
    await said(bridge.addKey({ name, key, makeDefault, ...(baseUrl && { baseUrl }) }, gone(request)))
    sendJson(response, await list())
  })

  router.patch('/keys/:name', async (request, response) => {
    const change = changedKeySchema.safeParse(await readObject(request))
    if (!change.success) {
      throw new HttpError(
        400,
        'bad-key',
        'A key is given a name, or made the default.',
        'Send { "name" } or { "default": true }.',
      )
    }
    const { name, default: makeDefault } = change.data
    const isThere = await keyStore.change(request.params.name, {
      ...(name !== undefined && { name }),
      ...(makeDefault && { makeDefault }),
    })
    if (!isThere) throw unknownKey()
    sendJson(response, await list())
  })

  router.post('/keys/:name/test', async (request, response) => {
    const account = await said(bridge.factsOfKey(request.params.name, gone(request)))
    if (!account) throw unknownKey()
    sendJson(response, account)
  })

  router.delete('/keys/:name', async (request, response) => {
    if (!(await keyStore.remove(request.params.name))) throw unknownKey()
    sendJson(response, await list())
  })

  router.post('/key-store/:what', async (request, response) => {
    const body = passphraseSchema.safeParse(await readObject(request))
    if (!body.success) {
      throw new HttpError(400, 'bad-passphrase', 'The body names no passphrase.', 'Send { "passphrase" }.')
    }
    const { passphrase, current = '' } = body.data
    const secret = { kind: 'passphrase', passphrase } as const
    const { what } = request.params
    if (what === 'encrypt') {
      const next = newPassphrase(passphrase)
      // Whoever sits at an open page may not lock out who knows the passphrase, nor decrypt by one of their own.
      const { kind } = await keyStore.protection()
      if (kind !== 'none') await said(keyStore.unlock({ kind: 'passphrase', passphrase: current }))
      await said(keyStore.encrypt(next))
    } else if (what === 'unlock') await said(keyStore.unlock(secret))
    else if (what === 'decrypt') {
      // Whoever sits at an open page may use the keys, but not lay them open.
      await said(keyStore.unlock(secret))
      await keyStore.decrypt()
    } else throw new HttpError(404, 'not-found', 'It is unlock, encrypt or decrypt.')
    sendJson(response, await list())
  })
}

/** What a site or the store says no to is no failure of this server. */
async function said<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    // A malformed request, and a locked store, have answers of their own.
    if (!(error instanceof BridgeError) || /^(bad-|keys-locked)/.test(error.code)) throw error
    throw new HttpError(422, error.code, error.message, error.hint)
  }
}

function unknownKey(): HttpError {
  return new HttpError(404, 'unknown-key', 'There is no key of that name.')
}

/** Ends when nobody waits for the answer any more. */
function gone(request: Request): AbortSignal {
  const stop = new AbortController()
  request.res?.on('close', () => stop.abort())
  return stop.signal
}
