import type { RunningHubSettings } from '../../nodes/values.ts'
import { BridgeError } from '../shared/errors.ts'
import { keyReference } from '../shared/secrets.ts'
import type { Foretold } from './foretell.ts'

/** The kind of a key in RunningHub's word, and a kept one of that site that may call models. */
export type KeyOfKind = { readonly kind: string; readonly name: string; readonly shared?: string }

/**
 * That no key may go where the settings lead: the run will fail there. A warning only, since the graph is as it should be, and where it
 * will run there may be a key.
 */
export async function noKeyWarning(
  settings: RunningHubSettings,
  siteName: (settings: RunningHubSettings) => Promise<string>,
): Promise<Foretold | undefined> {
  const error: unknown = await siteName(settings).then(
    () => undefined,
    reason => reason,
  )
  if (!(error instanceof BridgeError) || error.code !== 'no-key') return undefined
  const { code, message, hint } = error
  return { code, message, details: '', ...(hint !== undefined && { hint }), isWarning: true, extra: {} }
}

/** Standard models are for enterprise-shared keys (RunningHub: 1014): told before the uploads and the create. */
export async function modelKeyProblem(
  maker: string | undefined,
  keyKind: () => Promise<KeyOfKind | undefined>,
): Promise<Foretold | undefined> {
  const key = await keyKind().catch(() => undefined)
  if (!key || key.kind === '' || key.kind === 'SHARED') return undefined
  const { name, kind, shared } = key
  return {
    code: 'cloud-1014',
    message: `Standard models need an enterprise-shared key; the key "${name}" is ${kind}.`,
    details: '',
    hint:
      shared === undefined
        ? 'Add a key of that kind with "rh-bridge keys add", and choose it in RH OpenAPI Settings.'
        : `Choose the key "${shared}" in RH OpenAPI Settings.`,
    extra: {
      facts: { key: name, kind },
      ...(shared !== undefined && maker !== undefined && { fix: { apiKey: keyReference(shared) } }),
    },
  }
}
