import { link, rename, rm, writeFile } from 'node:fs/promises'
import { systemCodeOf } from '../shared/errors.ts'

/** Moves a finished file to its name; false when somebody has it. Never overwrites, whoever else writes there. */
export async function place(part: string, path: string): Promise<boolean> {
  try {
    await link(part, path)
    await rm(part)
    return true
  } catch (error) {
    const code = systemCodeOf(error)
    if (code === 'EEXIST') return false
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'EMLINK') throw error
  }
  // File systems without hard links: claim the name with an empty file, then put the whole one in its place.
  try {
    await writeFile(path, '', { flag: 'wx' })
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return false
    throw error
  }
  await rename(part, path)
  return true
}
