import { type AssetAccess, type ListedFile, NodeError } from '../context.ts'
import { boolean, defineNode, int, listOf, string } from '../define-node.ts'
import { picturesOf } from '../image/load-image.ts'
import { onceIfLinked } from '../runninghub/input-file.ts'
import type { Image, Mask } from '../values.ts'

/** Lists to do something with each item of: pictures of a folder, lines of a text. */
const common = { category: 'rh-bridge', module: 'custom_nodes.rh-bridge' } as const
const most = 10_000
const part = {
  start: int({ min: 0, max: 1_000_000, tooltip: 'How many to leave out at the front.' }),
  limit: int({ min: 0, max: most, tooltip: 'How many at most; 0 means all.' }),
}

const loadImagesFromFolder = defineNode({
  ...common,
  type: 'RHB_LoadImagesFromFolder',
  displayName: 'Load Images from Folder',
  description:
    'The pictures of a folder as a list, by name: what follows is done once for each. A folder below the input folder, or one that rh-bridge was started with (--allow-dir); empty means the input folder.',
  inputs: {
    folder: string(),
    subfolders: boolean({ tooltip: 'Also what lies in folders inside.' }),
    ...part,
  },
  outputs: {
    image: listOf('IMAGE'),
    mask: listOf('MASK'),
    name: listOf('STRING'),
    count: 'INT',
  },
  validate: {
    folder: async (value, { assets }) => {
      try {
        await assets.list(String(value))
        return undefined
      } catch (error) {
        const { message, hint } = error as NodeError
        return { message, ...(hint !== undefined && { hint }) }
      }
    },
  },
  fingerprint: async ({ inputs, assets, isLinked }) => {
    const below = inputs.subfolders === true || isLinked('subfolders')
    const files = await picturesIn(assets, String(inputs.folder), below)
    return files.map(({ name, stamp }) => `${name} ${stamp}`).join('\n')
  },
  execute: async ({ inputs, assets, signal, report }) => {
    const all = await picturesIn(assets, inputs.folder, inputs.subfolders)
    const files = partOf(all, inputs)
    if (files.length === 0) {
      throw new NodeError(
        `There are no pictures ${all.length > 0 ? 'after these' : ''} in the folder "${inputs.folder || 'input'}".`,
        {
          code: 'folder-empty',
          hint: 'Choose another folder, or put pictures into it.',
        },
      )
    }
    const image: (readonly Image[])[] = []
    const mask: (readonly Mask[])[] = []
    for (const [index, file] of files.entries()) {
      signal.throwIfAborted()
      const asset = await assets.findPath(file.path)
      const { IMAGE, MASK } = await picturesOf(asset)
      image.push(IMAGE)
      mask.push(MASK)
      report({ phase: 'working', done: index + 1, of: files.length, label: file.name })
    }
    const name = files.map(file => file.name.replace(/\.[^./]+$/, ''))
    return { image, mask, name, count: files.length }
  },
})

async function picturesIn(
  assets: AssetAccess,
  folder: string,
  below: boolean,
): Promise<readonly ListedFile[]> {
  const files = await assets.list(folder, { below })
  return files.filter(({ mediaType }) => mediaType.startsWith('image/'))
}

function partOf<T>(
  items: readonly T[],
  { start, limit }: { start: number | bigint; limit: number | bigint },
): readonly T[] {
  const from = Number(start)
  const chosen = items.slice(from, from + (Number(limit) || most))
  if (Number(limit) > 0 || items.length - from <= most) return chosen
  throw new NodeError(`The list has ${items.length} items, and ${most} are the most that is taken at once.`, {
    code: 'list-too-long',
    hint: 'Take parts of it with start and limit.',
  })
}

const mostTextBytes = 16 * 1024 * 1024

const loadTextLines = defineNode({
  ...common,
  type: 'RHB_LoadTextLines',
  displayName: 'Load Text Lines',
  description:
    'The lines of a text as a list: what follows is done once for each. Written here, or in a text file of the input folder or a folder that rh-bridge was started with.',
  inputs: {
    text: string({ multiline: true }),
    file: string({
      tooltip: 'A file to take the lines of, after those above: prompts.txt, or a whole path.',
    }),
    skip_empty: boolean({ default: true }),
    ...part,
  },
  outputs: { line: listOf('STRING'), index: listOf('INT'), count: 'INT' },
  fingerprint: async ({ inputs, assets }) =>
    inputs.file ? (await fileCalled(String(inputs.file), assets)).sha256 : '',
  execute: async ({ inputs, assets, linkedType }) => {
    const { text, file, skip_empty } = inputs
    const stored = file === '' ? '' : await assets.readText(await fileCalled(file, assets), mostTextBytes)
    const lines = [text, stored]
      .filter(source => source !== '')
      .flatMap(source => source.replace(/\r?\n$/, '').split(/\r?\n/))
      .filter(line => !skip_empty || line.trim() !== '')
    const line = partOf(lines, inputs)
    const index = line.map((_, at) => Number(inputs.start) + at)
    return { line, index, count: line.length, ...onceIfLinked('file', { linkedType }) }
  },
})

/** By its name in the input folder, or by its path. */
async function fileCalled(name: string, assets: AssetAccess) {
  return (await assets.exists(name)) ? assets.find(name) : assets.findPath(name)
}

export const loadListNodes = [loadImagesFromFolder, loadTextLines]
