import { mkdir, rename, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Folder } from '../../nodes/context.ts'
import type { Asset } from '../../nodes/values.ts'
import { BridgeError } from '../shared/errors.ts'
import type { Folders } from './folders.ts'
import { pathInside, safeName } from './names.ts'
import { place } from './place.ts'

export type Upload = {
  readonly type: Folder
  readonly subfolder: string
  readonly name: string
  readonly overwrite: boolean
  readonly sha256?: string
}

/**
 * Moves a whole file to its place. The same name with the same bytes keeps the file there, other bytes get `a (1).png`, `overwrite` replaces.
 * Throws `path-outside` for a name or folder that leaves `type`.
 */
export async function placeUpload(
  folders: Folders,
  describe: (path: string) => Promise<Asset>,
  part: string,
  upload: Upload,
): Promise<{ name: string; subfolder: string; type: Folder }> {
  const root = folders[upload.type]
  const written = upload.name.replaceAll('\\', '/')
  // A browser sends no path; whoever does wants out of the folder.
  if (written.split('/').includes('..') || written.startsWith('/')) throw outside(upload.name)
  const base = safeName(written.split('/').at(-1) ?? '')
  const subfolder = upload.subfolder.replaceAll('\\', '/').replace(/(?<!\/)\/+$/, '')
  if (base === '' || base === '.' || base.startsWith('.upload-')) throw outside(upload.name)
  const folder = subfolder === '' ? root : pathInside(root, subfolder)
  await mkdir(folder, { recursive: true })
  const [, stem = base, extension = ''] = /^(.+?)(\.[^.]*)?$/.exec(base) ?? []
  for (let number = 0; ; number++) {
    const name = number === 0 ? base : `${stem} (${number})${extension}`
    const path = pathInside(folder, name)
    const placed = { name, subfolder, type: upload.type }
    await mkdir(dirname(path), { recursive: true })
    if (upload.overwrite) await rename(part, path)
    else if (!(await place(part, path))) {
      const isFile = (await stat(path)).isFile()
      if (upload.sha256 === undefined || !isFile || (await describe(path)).sha256 !== upload.sha256) continue
    }
    return placed
  }
}

function outside(name: string): BridgeError {
  return new BridgeError(`"${name}" is not a name inside the folder`, {
    code: 'path-outside',
    hint: 'Use a plain file name, and "subfolder" for folders.',
  })
}
