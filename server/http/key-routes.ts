import type { Route } from './bridge-routes.ts'
import {
  changedKeySchema,
  keyFactsSchema,
  keysSchema as keys,
  newKeySchema,
  passphraseSchema,
} from './key-schemas.ts'

/** Kept keys, by their names and last four characters only, and what they are encrypted with. */
export const keyRoutes: readonly Route[] = [
  {
    method: 'get',
    path: '/bridge/keys',
    summary: 'The kept keys: names and last four characters',
    answer: keys,
  },
  {
    method: 'post',
    path: '/bridge/keys',
    summary: 'Keep a key; without a baseUrl its site is found by asking',
    body: newKeySchema,
    answer: keys,
  },
  {
    method: 'patch',
    path: '/bridge/keys/{name}',
    summary: 'Rename a key, or make it the default; graphs that use its former name go on working',
    body: changedKeySchema,
    answer: keys,
  },
  {
    method: 'post',
    path: '/bridge/keys/{name}/test',
    summary: 'Ask a key’s site for its balance and slots: nothing is started or paid',
    answer: keyFactsSchema,
  },
  { method: 'delete', path: '/bridge/keys/{name}', summary: 'Forget a key', answer: keys },
  {
    method: 'post',
    path: '/bridge/key-store/{what}',
    summary:
      'unlock the kept keys, encrypt them with a passphrase, or decrypt them (the passphrase once more)',
    body: passphraseSchema,
    answer: keys,
  },
]
