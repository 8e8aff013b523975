import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const root = fileURLToPath(new URL('../../', import.meta.url))
const lock = `${root}dist/.building`

/**
 * Builds the editor when its sources are newer than what was built. Test files run side by side: one builds, the others wait, and nobody's
 * server finds an empty folder.
 */
export async function buildEditor(): Promise<void> {
  await mkdir(`${root}dist`, { recursive: true })
  for (;;) {
    if (await takeLock()) break
    await sleep(100)
  }
  try {
    if (!(await isBuilt())) await build({ configFile: `${root}vite.config.ts`, logLevel: 'silent' })
  } finally {
    await rm(lock, { recursive: true, force: true })
  }
}

/** A folder is made by one only. One left behind by a process that was killed counts for half a minute. */
async function takeLock(): Promise<boolean> {
  try {
    await mkdir(lock)
    return true
  } catch {
    const left = await stat(lock).catch(() => undefined)
    if (left && Date.now() - left.mtimeMs > 30_000) await rm(lock, { recursive: true, force: true })
    return false
  }
}

async function isBuilt(): Promise<boolean> {
  const built = await stat(`${root}dist/editor/index.html`).catch(() => undefined)
  const folders = ['editor', 'words'].map(folder =>
    readdir(`${root}${folder}`, { recursive: true, withFileTypes: true }),
  )
  const sources = (await Promise.all(folders)).flat()
  const times = await Promise.all(
    sources
      .filter(entry => entry.isFile())
      .map(async entry => (await stat(`${entry.parentPath}/${entry.name}`)).mtimeMs),
  )
  return built !== undefined && built.mtimeMs > Math.max(...times)
}
