import { watch } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import type { Clock } from '../shared/clock.ts'
import { messageOf, systemCodeOf } from '../shared/errors.ts'

export type SteadyFile = {
  /** Below the folder, with `/`. */
  readonly path: string
  /** Whether it is still what it was when it was found steady. */
  isUnchanged(): Promise<boolean>
}

export type SteadyOptions = {
  readonly folder: string
  readonly isRecursive: boolean
  /** By the path below the folder; asked of files alone. */
  readonly accepts: (path: string) => boolean
  /** Folders of others within it, as absolute paths. */
  readonly leaveOut: readonly string[]
  /** Whether files that lie there at the start count, too. */
  readonly takesExisting: boolean
  /** How long size and time must have stood still. */
  readonly settleMs: number
  readonly clock: Clock
  /** A file is whole. Called for one after the other; `again`: it changed meanwhile. */
  readonly onFile: (file: SteadyFile) => Promise<'taken' | 'again'>
  /** No file is waited for any more. */
  readonly onRest: () => void
  /** The folder cannot be read, for now. */
  readonly onTrouble: (why: string) => void
}

/** Events say at once what happened; a look at everything finds what they missed, as on network drives. */
const lookAgainMs = 30_000
/** A file that was moved here is whole at once; this much is left to copiers that set the old time first. */
const movedMs = 300

/**
 * Watches a folder for files that are whole: each is told of once its size and its time have stood still, and again when its content is
 * another. What the system tells of is only a hint to look; a look at the whole folder now and then is the truth.
 */
export function watchSteadyFiles(options: SteadyOptions) {
  const { folder, clock, settleMs } = options
  /** What was told of, or lay there at the start. */
  const handled = new Map<string, string>()
  const waiting = new Map<string, { stamp: string; cancel: () => void }>()
  let isClosed = false
  let busy: Promise<void> = Promise.resolve()
  let looking: Promise<void> | undefined
  let cancelLook = () => {}
  let trouble = ''

  const isWanted = (path: string) =>
    // Hidden ones are half-copied files of rsync and of our own saving.
    !path.split('/').some(part => part.startsWith('.') || part.startsWith('~$')) && options.accepts(path)

  async function stampOf(path: string): Promise<{ stamp: string; ageMs: number; size: number } | undefined> {
    const facts = await stat(join(folder, path)).catch(() => undefined)
    if (!facts?.isFile()) return undefined
    const stamp = `${facts.size}:${facts.mtimeMs}:${facts.ino}`
    return { stamp, ageMs: clock.now() - facts.mtimeMs, size: facts.size }
  }

  async function look(path: string, isStart = false): Promise<void> {
    if (isClosed || !isWanted(path)) return
    const found = await stampOf(path)
    if (isClosed) return
    if (!found) {
      waiting.get(path)?.cancel()
      waiting.delete(path)
      handled.delete(path)
      return
    }
    if (isStart && !options.takesExisting) {
      handled.set(path, found.stamp)
      return
    }
    if (handled.get(path) === found.stamp || waiting.get(path)?.stamp === found.stamp) return
    settle(path, found)
  }

  /** Waits until it has not changed for long enough. An empty file is one that is about to be written. */
  function settle(path: string, { stamp, ageMs }: { stamp: string; ageMs: number }): void {
    waiting.get(path)?.cancel()
    const waitMs = Math.min(settleMs, Math.max(movedMs, settleMs - ageMs))
    const cancel = clock.schedule(waitMs, () => {
      busy = busy
        .then(() => check(path, stamp))
        .catch(tellTrouble)
        .then(() => {
          if (waiting.size === 0) options.onRest()
        })
    })
    waiting.set(path, { stamp, cancel })
  }

  async function check(path: string, stamp: string): Promise<void> {
    if (isClosed || waiting.get(path)?.stamp !== stamp) return
    const now = await stampOf(path)
    if (isClosed) return
    if (!now) {
      waiting.delete(path)
      return
    }
    if (now.stamp !== stamp || now.size === 0) return settle(path, now)
    const isUnchanged = async () => (await stampOf(path))?.stamp === stamp
    const answer = await options.onFile({ path, isUnchanged })
    if (answer === 'taken') {
      waiting.delete(path)
      handled.set(path, stamp)
      // It may have been written anew while it was taken.
      await look(path)
    } else if (!isClosed) settle(path, { stamp, ageMs: 0 })
  }

  /** One look at everything; one at a time. */
  function lookAtAll(isStart = false): Promise<void> {
    looking ??= lookAround(isStart).finally(() => {
      looking = undefined
    })
    return looking
  }

  async function lookAround(isStart: boolean): Promise<void> {
    try {
      for (const path of await list()) await look(path, isStart)
      trouble = ''
    } catch (error) {
      tellTrouble(error)
    }
  }

  /** Once, however often it is met. */
  function tellTrouble(error: unknown): void {
    const why = systemCodeOf(error) ?? messageOf(error)
    if (why !== trouble) options.onTrouble(why)
    trouble = why
  }

  async function list(below = ''): Promise<string[]> {
    const entries = await readdir(join(folder, below), { withFileTypes: true }).catch(error => {
      if (below === '') throw error
      // It went, or is not ours to read.
      return []
    })
    const found: string[] = []
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`
      if (!entry.isDirectory()) found.push(path)
      else if (options.isRecursive && !entry.name.startsWith('.') && !isLeftOut(path))
        found.push(...(await list(path)))
    }
    return found
  }

  const isLeftOut = (path: string) => {
    const whole = join(folder, path)
    return options.leaveOut.some(other => whole === other || whole.startsWith(other + sep))
  }

  const events = watch(folder, { recursive: options.isRecursive, persistent: true })
  events.on('change', (_type, name) => {
    if (name === null) return void lookAtAll()
    const path = relative(folder, join(folder, String(name)))
      .split(sep)
      .join('/')
    if (!isLeftOut(path)) look(path).catch(tellTrouble)
  })
  // The folder went, or there are too many to watch: looking goes on.
  events.on('error', tellTrouble)

  const rest = () => {
    cancelLook = clock.schedule(lookAgainMs, () => {
      void lookAtAll().finally(() => {
        if (!isClosed) rest()
      })
    })
  }
  const started = lookAtAll(true).then(rest)

  return {
    /** Resolves when what lay there at the start is known. */
    started,
    lookAtAll: () => lookAtAll(),
    /** How many files are not steady yet, or about to be taken. */
    waiting: () => waiting.size,
    async close(): Promise<void> {
      isClosed = true
      cancelLook()
      events.close()
      for (const { cancel } of waiting.values()) cancel()
      await started
      await busy
      await looking
    },
  }
}
