import { readFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { BridgeError } from '../shared/errors.ts'

/** What a file of a folder gives to a graph, by the name `--map` has for it. */
export const fileColumns = ['image', 'video', 'audio', 'text', 'file'] as const
export const watchColumns = [...fileColumns, 'name', 'folder', 'path', 'sha256'] as const

type FileColumn = (typeof fileColumns)[number]

const usual: Readonly<Record<Exclude<FileColumn, 'file'>, readonly string[]>> = {
  image: ['png', 'jpg', 'jpeg', 'webp', 'bmp', 'gif', 'tif', 'tiff'],
  video: ['mp4', 'mov', 'mkv', 'webm', 'avi', 'm4v'],
  audio: ['mp3', 'wav', 'flac', 'ogg', 'm4a', 'opus'],
  text: ['txt'],
}
const extensionsOf = (column: FileColumn): readonly string[] =>
  column === 'file' ? [...usual.image, ...usual.video, ...usual.audio] : usual[column]

/** More than a prompt ever is. */
const maxTextBytes = 1024 * 1024

/**
 * Which files are taken and which columns they fill. `mapped`: the columns of `--map`; `only`: extensions without the dot, the usual ones
 * of the mapped columns when empty. Throws `bad-map` when no column takes a file.
 */
export function createFileTaker(mapped: readonly string[], only: readonly string[]) {
  const columns = fileColumns.filter(column => mapped.includes(column))
  const [first] = columns
  if (first === undefined) {
    throw new BridgeError('No column takes the file.', {
      code: 'bad-map',
      hint: `Map one of ${fileColumns.join(', ')}, as in --map image=5.image.`,
    })
  }
  const wanted = new Set(only.length > 0 ? only : columns.flatMap(extensionsOf))
  const extensionOf = (path: string) => extname(path).slice(1).toLowerCase()

  return {
    accepts: (path: string): boolean => wanted.has(extensionOf(path)),

    /** The row of a file. `input`: its name in the input folder. */
    async rowOf(
      folder: string,
      path: string,
      facts: { sha256: string; input: () => Promise<string> },
    ): Promise<Record<string, string>> {
      const extension = extensionOf(path)
      const fitting = columns.filter(column => extensionsOf(column).includes(extension))
      const filled = fitting.length > 0 ? fitting : [first]
      const row: Record<string, string> = {
        name: basename(path, extname(path)),
        folder: path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '',
        path,
        sha256: facts.sha256,
      }
      const isMedia = filled.some(column => column !== 'text')
      const input = isMedia ? await facts.input() : ''
      for (const column of filled) {
        row[column] = column === 'text' ? await readText(join(folder, path)) : input
      }
      return row
    },
  }
}

async function readText(path: string): Promise<string> {
  const bytes = await readFile(path)
  if (bytes.length > maxTextBytes) {
    throw new BridgeError(`"${basename(path)}" is longer than 1 MB.`, { code: 'bad-rows' })
  }
  return bytes
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trim()
}
