import { readdir, realpath, stat } from 'node:fs/promises'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import mime from 'mime'
import type { AssetAccess, ListedFile } from '../../nodes/context.ts'
import type { Asset } from '../../nodes/values.ts'
import { BridgeError } from '../shared/errors.ts'
import type { Folders } from './folders.ts'

/** A folder with more files than this is no folder for a list. */
const mostFiles = 50_000

/**
 * Finds files and lists folders by path for nodes that name them so (VHS_LoadVideoPath, RH_VideoUploaderPath). A graph may come from
 * anybody: only what lies in the input, output and temp folders and in the folders the user allowed is given, links followed first.
 */
export function createPathFinder(
  folders: Pick<Folders, 'input' | 'output' | 'temp'>,
  allowDirs: readonly string[],
  describe: (path: string) => Promise<Asset>,
): Pick<AssetAccess, 'findPath' | 'list'> {
  const own = { input: folders.input, output: folders.output, temp: folders.temp }

  /** Where an allowed path really leads, undefined when nothing is there; `isFolder` allows the roots themselves. */
  async function resolveAllowed(name: string, path: string, isFolder: boolean): Promise<string | undefined> {
    const dirs = [...Object.values(own), ...allowDirs]
    const roots = await Promise.all(dirs.map(dir => realpath(dir).catch(() => dir)))
    const isIn = (root: string, place: string) => isBelow(root, place) || (isFolder && root === place)
    // What is not there is judged by its name, so that nobody learns which files exist elsewhere.
    const real = await realpath(path).catch(() => undefined)
    const isAllowed = real
      ? roots.some(root => isIn(root, real))
      : [...dirs, ...roots].some(dir => isIn(resolve(dir), path))
    if (!isAllowed) throw notAllowed(name, isFolder)
    return real
  }

  return {
    async findPath(written) {
      const name = unquoted(written)
      const path = locate(name, own)
      if (path === undefined || name.includes('\0')) {
        throw new BridgeError(`"${name}" is not a path of a file.`, {
          code: 'input-missing',
          hint: 'Write the whole path, or one that starts with input/.',
        })
      }
      const real = await resolveAllowed(name, path, false)
      if (real === undefined || !(await stat(real)).isFile()) {
        throw new BridgeError(`"${name}" is no file.`, {
          code: 'input-missing',
          hint: 'Check the path, or choose another file.',
        })
      }
      return describe(real)
    },

    async list(written, { below = false } = {}) {
      const name = unquoted(written)
      const root = /^(input|output|temp)[\\/]?$/.exec(name)?.[1] as keyof typeof own | undefined
      const path = root ? own[root] : (locate(name, own) ?? resolve(own.input, name))
      const real = name.includes('\0') ? undefined : await resolveAllowed(name, path, true)
      if (real === undefined || !(await stat(real)).isDirectory()) {
        throw new BridgeError(`"${name}" is no folder.`, {
          code: 'input-missing',
          hint: `Write the name of a folder in ${own.input}, or a whole path.`,
        })
      }
      return filesIn(real, name, below)
    },
  }
}

/** Links are not followed here: they could lead anywhere. */
async function filesIn(folder: string, name: string, below: boolean): Promise<readonly ListedFile[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: below })
  const files = entries.filter(entry => entry.isFile() && !entry.name.startsWith('.'))
  if (files.length > mostFiles) {
    throw new BridgeError(`The folder "${name}" holds ${files.length} files, more than ${mostFiles}.`, {
      code: 'too-many-files',
      hint: 'Choose a folder inside it.',
    })
  }
  const listed = await Promise.all(
    files.map(async entry => {
      const path = join(entry.parentPath, entry.name)
      const facts = await stat(path)
      return {
        name: relative(folder, path).replaceAll(sep, '/'),
        path,
        mediaType: mime.getType(entry.name) ?? 'application/octet-stream',
        stamp: `${facts.size} ${facts.mtimeMs}`,
      }
    }),
  )
  const order = new Intl.Collator('en', { numeric: true })
  return listed.sort((a, b) => order.compare(a.name, b.name))
}

function unquoted(written: string): string {
  return written
    .trim()
    .replace(/^"(.*)"$/s, '$1')
    .replace(/^'(.*)'$/s, '$1')
    .trim()
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

function notAllowed(name: string, isFolder: boolean): BridgeError {
  return new BridgeError(`"${name}" lies in no folder that nodes may read.`, {
    code: 'path-not-allowed',
    hint: isFolder
      ? 'Put the folder into the input folder, or start rh-bridge with --allow-dir and its path.'
      : 'Put the file into the input folder, or start rh-bridge with --allow-dir and its folder.',
  })
}
