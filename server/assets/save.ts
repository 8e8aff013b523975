import { createHash } from 'node:crypto'
import { constants, createReadStream, existsSync } from 'node:fs'
import { copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import mime from 'mime'
import type { Saveable, SavedFile, SaveRequest } from '../../nodes/context.ts'
import type { Asset } from '../../nodes/values.ts'
import { BridgeError, systemCodeOf } from '../shared/errors.ts'
import { extensionOf } from './describe.ts'
import { type Texts, writersInMemory } from './metadata.ts'
import { tagMp4 } from './mp4-metadata.ts'
import { pathInside, resolvePrefix } from './names.ts'
import { place } from './place.ts'

/** Bigger pictures are copied without metadata: putting it in means holding the file in memory. */
const maxInMemoryBytes = 256 * 1024 * 1024

/**
 * Saves files under ComfyUI's names: `prefix_00001_.png`, the counter one above the highest there is. Safe when several savers and several
 * processes meet: a file appears whole and under a name nobody had.
 */
export function createSaver(folders: { output: string; temp: string }, clock: { now(): number }) {
  const busy = new Map<string, Promise<unknown>>()

  /** One saver at a time per folder and stem, so that a batch gets numbers in a row. */
  async function inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = busy.get(name) ?? Promise.resolve()
    const turn = before.then(work, work)
    const settled = turn.catch(() => {})
    busy.set(name, settled)
    try {
      return await turn
    } finally {
      if (busy.get(name) === settled) busy.delete(name)
    }
  }

  return async function save(request: SaveRequest, texts: Texts): Promise<readonly SavedFile[]> {
    const root = folders[request.folder]
    const now = new Date(clock.now())
    const { subfolder, stem } = resolvePrefix(request.prefix, {
      now,
      ...(request.width !== undefined && { width: request.width }),
      ...(request.height !== undefined && { height: request.height }),
    })
    const folder = subfolder ? pathInside(root, subfolder) : root
    let current: Saveable | undefined
    try {
      await mkdir(folder, { recursive: true })
      return await inTurn(`${folder}\0${stem.toLowerCase()}`, async () => {
        const saved: SavedFile[] = []
        let counter = await highestCounter(folder, stem)
        for await (const item of request.items) {
          current = item
          const name = stem.replaceAll('%batch_num%', String(saved.length))
          const put = await prepare(item, folder, texts)
          const isFollower = request.isOneGroup === true && saved.length > 0
          const end = `${request.trailingUnderscore ? '_' : ''}${item.ending ?? ''}.${put.extension}`
          let filename: string | undefined
          try {
            do {
              // A group whose number somebody else used meanwhile goes on with the next.
              if (!isFollower || filename !== undefined) counter++
              filename = `${name}_${String(counter).padStart(5, '0')}${end}`
            } while (!(await place(put.part, join(folder, filename))))
          } catch (error) {
            await rm(put.part, { force: true })
            throw error
          }
          const asset: Asset = { ...put.asset, path: join(folder, filename), name: filename }
          saved.push({ filename, subfolder, type: request.folder, asset })
        }
        return saved
      })
    } catch (error) {
      const code = systemCodeOf(error)
      if (code === undefined) throw error
      // The folder was made just now: what is not there is the file to be saved.
      if (code === 'ENOENT') throw lost(current, error)
      throw new BridgeError(`The folder "${folder}" cannot be written (${code}).`, {
        code: 'disk',
        hint: 'Free some space, or check the rights of the folder.',
        cause: error,
      })
    }
  }
}

function lost(item: Saveable | undefined, cause: unknown): BridgeError {
  const name = item && 'asset' in item && !existsSync(item.asset.path) ? item.asset.name : 'The file'
  return new BridgeError(`"${name}" cannot be saved: the file is no longer there.`, {
    code: 'file-lost',
    hint: 'Run again: it is made anew.',
    cause,
  })
}

type Prepared = { part: string; extension: string; asset: Omit<Asset, 'path' | 'name'> }

/** Writes what is to be saved next to its place, under a name that no counter sees. */
async function prepare(item: Saveable, folder: string, texts: Texts): Promise<Prepared> {
  const named = (item.extension ?? ('asset' in item ? extensionOf(item.asset) : 'bin')).toLowerCase()
  // A result's extension is the cloud's word: it may name no folder.
  const extension = /^[a-z0-9]{1,10}$/.test(named) ? named : 'bin'
  const part = join(folder, `.${process.pid}-${Math.random().toString(36).slice(2)}.part`)
  const wanted = !item.isTagged && Object.keys(texts).length > 0
  const write = wanted ? writersInMemory[extension] : undefined
  if ('asset' in item && !(write && item.asset.sizeBytes <= maxInMemoryBytes)) {
    await copyFile(item.asset.path, part, constants.COPYFILE_FICLONE)
    const { mediaType, sizeBytes, sha256 } = item.asset
    const isChanged = wanted && mediaType === 'video/mp4' && (await tagMp4(part, texts))
    return {
      part,
      extension,
      asset: { mediaType, ...(isChanged ? await factsOf(part) : { sizeBytes, sha256 }) },
    }
  }
  const bytes = 'asset' in item ? await readFile(item.asset.path) : Buffer.from(item.bytes)
  const whole = write ? write(bytes, texts) : bytes
  await writeFile(part, whole)
  const mediaType =
    'asset' in item ? item.asset.mediaType : (mime.getType(extension) ?? 'application/octet-stream')
  const sha256 = createHash('sha256').update(whole).digest('hex')
  return { part, extension, asset: { mediaType, sizeBytes: whole.length, sha256 } }
}

async function factsOf(path: string): Promise<Pick<Asset, 'sizeBytes' | 'sha256'>> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return { sizeBytes: (await stat(path)).size, sha256: hash.digest('hex') }
}

async function highestCounter(folder: string, stem: string): Promise<number> {
  const start = stem.toLowerCase()
  let highest = 0
  for (const name of await readdir(folder)) {
    if (!name.toLowerCase().startsWith(`${start}_`)) continue
    const number = /^_(\d+)/.exec(name.slice(stem.length))?.[1]
    if (number) highest = Math.max(highest, Number(number))
  }
  return highest
}
