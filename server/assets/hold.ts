import { constants } from 'node:fs'
import { copyFile, link, mkdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import type { Asset } from '../../nodes/values.ts'
import { BridgeError, systemCodeOf } from '../shared/errors.ts'
import { safeName } from './names.ts'
import { place } from './place.ts'

/**
 * Makes a folder that holds each of these files for itself, whatever becomes of the originals. Answers where each one lies now, by its
 * path. Files below `ours`, which nobody changes in place, are shared with a hard link where the disk can. Whole or not at all.
 * Throws `file-lost` or `disk`.
 */
export async function holdFiles(
  assets: readonly Asset[],
  folder: string,
  ours: string,
): Promise<ReadonlyMap<string, string>> {
  const part = `${folder}.part`
  const places = new Map<string, string>()
  try {
    await mkdir(part, { recursive: true })
    for (const [index, asset] of assets.entries()) {
      const name = `${index + 1}_${safeName(asset.name)}`
      await shareOrCopy(asset, join(part, name), ours)
      places.set(asset.path, join(folder, name))
    }
    await rename(part, folder)
    return places
  } catch (error) {
    await rm(part, { recursive: true, force: true })
    throw asBridgeError(error, folder)
  }
}

/** Puts a copy back where its file was shown; a file that has come there meanwhile stays. Throws `disk`. */
export async function putBack(copy: string, path: string): Promise<void> {
  const part = join(dirname(path), `.${process.pid}-${Math.random().toString(36).slice(2)}.part`)
  try {
    await mkdir(dirname(path), { recursive: true })
    await copyFile(copy, part, constants.COPYFILE_FICLONE)
    if (!(await place(part, path))) await rm(part)
  } catch (error) {
    await rm(part, { force: true }).catch(() => {})
    throw asBridgeError(error, dirname(path))
  }
}

async function shareOrCopy(asset: Asset, target: string, ours: string): Promise<void> {
  const isOurs = asset.path.startsWith(ours + sep)
  const shared =
    isOurs &&
    (await link(asset.path, target).then(
      () => true,
      () => false,
    ))
  if (!shared) await copyFile(asset.path, target, constants.COPYFILE_FICLONE)
  if ((await stat(target)).size !== asset.sizeBytes) throw lost(asset.name)
}

function lost(name: string): BridgeError {
  return new BridgeError(`The file "${name}" of this result is no longer what it was.`, {
    code: 'file-lost',
    hint: 'Run again, then freeze the new result.',
  })
}

function asBridgeError(error: unknown, folder: string): unknown {
  const code = systemCodeOf(error)
  if (code === undefined || error instanceof BridgeError) return error
  if (code === 'ENOENT') {
    return new BridgeError('A file of this result is no longer there.', {
      code: 'file-lost',
      hint: 'Run again, then freeze the new result.',
      cause: error,
    })
  }
  return new BridgeError(`The folder "${folder}" cannot be written (${code}).`, {
    code: 'disk',
    hint: 'Free some space, or check the rights of the folder.',
    cause: error,
  })
}
