import { realpath, stat } from 'node:fs/promises'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import type { Asset } from '../../nodes/values.ts'
import { BridgeError } from '../shared/errors.ts'
import type { Folders } from './folders.ts'

/**
 * Finds files by path for nodes that name them so (VHS_LoadVideoPath, RH_VideoUploaderPath). A graph may come from anybody: only files
 * below the input, output and temp folders and below the folders the user allowed are given, links followed first.
 */
export function createPathFinder(
  folders: Pick<Folders, 'input' | 'output' | 'temp'>,
  allowDirs: readonly string[],
  describe: (path: string) => Promise<Asset>,
): (path: string) => Promise<Asset> {
  const own = { input: folders.input, output: folders.output, temp: folders.temp }

  return async function findPath(written) {
    const name = written
      .trim()
      .replace(/^"(.*)"$/s, '$1')
      .replace(/^'(.*)'$/s, '$1')
      .trim()
    const path = locate(name, own)
    if (path === undefined || name.includes('\0')) {
      throw new BridgeError(`"${name}" is not a path of a file.`, {
        code: 'input-missing',
        hint: 'Write the whole path, or one that starts with input/.',
      })
    }
    const dirs = [...Object.values(own), ...allowDirs]
    const roots = await Promise.all(dirs.map(dir => realpath(dir).catch(() => dir)))
    // What is not there is judged by its name, so that nobody learns which files exist elsewhere.
    const real = await realpath(path).catch(() => undefined)
    const isAllowed = real
      ? roots.some(root => isBelow(root, real))
      : [...dirs, ...roots].some(dir => isBelow(resolve(dir), path))
    if (!isAllowed) throw notAllowed(name)
    if (real === undefined || !(await stat(real)).isFile()) {
      throw new BridgeError(`"${name}" is no file.`, {
        code: 'input-missing',
        hint: 'Check the path, or choose another file.',
      })
    }
    return describe(real)
  }
}

/** An absolute path as it is, `input/a.wav` below that folder; anything else means nothing. */
function locate(name: string, own: Readonly<Record<string, string>>): string | undefined {
  if (isAbsolute(name)) return resolve(name)
  const [, folder = '', rest = ''] = /^(input|output|temp)[\\/](.+)$/.exec(name) ?? []
  const root = own[folder]
  return root === undefined ? undefined : join(root, rest)
}

function isBelow(root: string, path: string): boolean {
  const below = relative(root, path)
  return below !== '' && below !== '..' && !below.startsWith(`..${sep}`) && !isAbsolute(below)
}

function notAllowed(name: string): BridgeError {
  return new BridgeError(`"${name}" lies in no folder that nodes may read.`, {
    code: 'path-not-allowed',
    hint: 'Put the file into the input folder, or start rh-bridge with --allow-dir and its folder.',
  })
}
