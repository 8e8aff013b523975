import { createHash, randomUUID } from 'node:crypto'
import { mkdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { AssetAccess } from '../../nodes/context.ts'
import type { Asset } from '../../nodes/values.ts'
import { BridgeError } from '../shared/errors.ts'
import { safeName } from './names.ts'

/** What nodes make for other nodes: files in the temp folder, named after their content, so that the same thing is kept once. */
export function createKeeper(
  tempDir: string,
  describe: (path: string) => Promise<Asset>,
): Pick<AssetAccess, 'keep' | 'produce'> {
  const root = join(tempDir, 'kept')

  const placeOf = (sha256: string, name: string) =>
    join(root, sha256.slice(0, 2), `${sha256}-${safeName(name)}`)

  async function put(part: string, path: string): Promise<void> {
    await mkdir(join(path, '..'), { recursive: true })
    await rename(part, path)
  }

  async function openPart(name: string): Promise<string> {
    await mkdir(root, { recursive: true })
    return join(root, `.${randomUUID()}${extname(safeName(name))}`)
  }

  return {
    async keep(bytes, name) {
      const path = placeOf(createHash('sha256').update(bytes).digest('hex'), name)
      // Used again it is as new: the clean-up leaves it to this run.
      if (await isThere(path)) await utimes(path, new Date(), new Date()).catch(() => {})
      else {
        const part = await openPart(name)
        await writeFile(part, bytes)
        await put(part, path)
      }
      return { ...(await describe(path)), name }
    },

    async produce(name, write) {
      const part = await openPart(name)
      try {
        await write(part)
        if (!(await isThere(part))) {
          throw new BridgeError(`Nothing was written for "${name}".`, { code: 'nothing-made' })
        }
        const { sha256 } = await describe(part)
        const path = placeOf(sha256, name)
        await put(part, path)
        return { ...(await describe(path)), name }
      } finally {
        await rm(part, { force: true })
      }
    },
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    facts => facts.isFile(),
    () => false,
  )
}
