import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type AssetStore, createAssetStore, type RunMetadata } from '../../server/assets/index.ts'
import { createFakeClock } from '../support/fake-clock.ts'

/** A store over an empty folder; `second` is another one over the same, as a second process would have. */
export async function openStore(metadata?: RunMetadata) {
  const root = await mkdtemp(join(tmpdir(), 'rh-assets-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  const folders = {
    input: join(root, 'input'),
    output: join(root, 'output'),
    temp: join(root, 'temp'),
    results: join(root, 'results'),
  }
  const clock = createFakeClock(new Date(2026, 0, 2, 3, 4, 5).getTime())
  const open = (): AssetStore => createAssetStore(folders, clock)
  const store = open()
  return {
    root,
    folders,
    store,
    access: store.accessFor(metadata),
    second: open,
    /** Writes a file beside the folders and gives its path. */
    async file(name: string, content: string | Uint8Array) {
      const path = join(root, name)
      await writeFile(path, content)
      return path
    },
  }
}
