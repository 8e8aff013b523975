import { readFileSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { readNotifyUrl } from './post.ts'

/** Which address is called when something ends: that of a flag, else what the data folder keeps in `notify.json`. */
export function createNotifySettings(options: {
  readonly dataDir: string
  /** Said with --notify-url. */
  readonly flagUrl: string | undefined
  readonly allowsPrivate: boolean
}) {
  const { allowsPrivate } = options
  const path = join(options.dataDir, 'notify.json')
  const fromFlag = options.flagUrl === undefined ? undefined : readNotifyUrl(options.flagUrl, allowsPrivate)
  let kept = read(path)
  return {
    url: (): string | undefined => fromFlag ?? kept,
    isFromFlag: fromFlag !== undefined,
    allowsPrivate,
    /** Keeps another address, or none. Throws `bad-notify-url`, `notify-inside`. */
    async change(url: string | null): Promise<void> {
      const wanted = url === null || url.trim() === '' ? undefined : readNotifyUrl(url.trim(), allowsPrivate)
      await mkdir(dirname(path), { recursive: true })
      const part = `${path}.${process.pid}.part`
      await writeFile(part, `${JSON.stringify({ url: wanted ?? null })}\n`, { mode: 0o600 })
      await rename(part, path)
      kept = wanted
    },
  }
}

function read(path: string): string | undefined {
  try {
    const { url } = JSON.parse(readFileSync(path, 'utf8')) as { url?: unknown }
    return typeof url === 'string' ? url : undefined
  } catch {
    // Not there yet, or damaged: nobody is called.
    return undefined
  }
}
