import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemCodeOf } from '../shared/errors.ts'

/**
 * A secret of this data folder, made when it is first asked for: 32 random bytes in base64url, in a file only its owner reads. `renew`: another
 * one from now on.
 */
export function ownSecret(dataDir: string, name: string, { renew = false } = {}): string {
  const path = join(dataDir, `${name}.secret`)
  const fresh = randomBytes(32).toString('base64url')
  mkdirSync(dataDir, { recursive: true })
  try {
    writeFileSync(path, `${fresh}\n`, { mode: 0o600, flag: renew ? 'w' : 'wx' })
    return fresh
  } catch (error) {
    if (systemCodeOf(error) !== 'EEXIST') throw error
    return readFileSync(path, 'utf8').trim() || ownSecret(dataDir, name, { renew: true })
  }
}
