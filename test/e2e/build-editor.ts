import { readdir, stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Builds the editor when its sources are newer than what was built. */
export async function buildEditor(): Promise<void> {
  const built = await stat(`${root}dist/editor/index.html`).catch(() => undefined)
  const sources = await readdir(`${root}editor`, { recursive: true, withFileTypes: true })
  const times = await Promise.all(
    sources
      .filter(entry => entry.isFile())
      .map(async entry => (await stat(`${entry.parentPath}/${entry.name}`)).mtimeMs),
  )
  if (built && built.mtimeMs > Math.max(...times)) return
  await build({ configFile: `${root}vite.config.ts`, logLevel: 'silent' })
}
