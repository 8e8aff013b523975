import { BridgeError } from './errors.ts'

/** A key of the store is needed, and nobody has unlocked it yet. */
export function lockedStore(kind: 'passphrase' | 'key-file'): BridgeError {
  return new BridgeError('The key store is locked', {
    code: 'keys-locked',
    hint:
      kind === 'passphrase'
        ? 'Unlock it in the settings, or start with RH_BRIDGE_PASSPHRASE. Then run again: a task that exists already is taken up, not paid for twice.'
        : 'Start with RH_BRIDGE_KEY_FILE, the file it was encrypted with. Then run again: a task that exists already is taken up, not paid for twice.',
  })
}

export const isLockedStore = (error: unknown): error is BridgeError =>
  error instanceof BridgeError && error.code === 'keys-locked'
