import { type AssetAccess, type NodeContext, NodeError } from '../context.ts'
import type { ValidateInput } from '../define-node.ts'
import type { Asset } from '../values.ts'

/** The name under which a chosen file is found: as it is, else below `uploads` (ComfyUI_RH_APICall's lookup). */
async function nameOf(written: string, assets: AssetAccess): Promise<string | undefined> {
  const name = written.trim()
  if (name === '') return undefined
  for (const candidate of [name, `uploads/${name}`]) if (await assets.exists(candidate)) return candidate
  return undefined
}

/** The chosen file. Throws NodeError `input-missing`. */
export async function findInput(written: string, assets: AssetAccess): Promise<Asset> {
  const name = await nameOf(written, assets)
  if (name !== undefined) return assets.find(name)
  throw new NodeError(
    written.trim() === '' ? 'No file is chosen.' : `"${written}" is not in the input folder.`,
    {
      code: 'input-missing',
      hint: 'Put it into the input folder, or choose another file.',
    },
  )
}

/** Says before the run that a file is missing; with `isOptional` none need be chosen. */
export function checkInput(isOptional: boolean): ValidateInput {
  return async (value, { assets }) => {
    const written = String(value ?? '')
    if (isOptional && written.trim() === '') return undefined
    if ((await nameOf(written, assets)) !== undefined) return undefined
    return written.trim() === ''
      ? { message: 'No file is chosen', hint: 'Choose a file for this node.' }
      : {
          message: `There is no file ${written}`,
          hint: `"${written}" is not in the input folder. Put it there or choose another.`,
        }
  }
}

/** Content of the chosen file, for signatures; empty when none is chosen. A name that comes along a link is not known yet: throws. */
export async function contentOf(written: unknown, assets: AssetAccess): Promise<string> {
  if (written === undefined) throw new NodeError('The file is not known yet.', { code: 'input-missing' })
  const text = String(written)
  return text.trim() === '' ? '' : (await findInput(text, assets)).sha256
}

/**
 * What a node gives beside its outputs when the name of its file came along a link: the signature, made before that is known, says nothing of
 * the content, so that the result is for no other run.
 */
export function onceIfLinked(input: string, { linkedType }: Pick<NodeContext, 'linkedType'>) {
  return linkedType(input) === undefined ? {} : { isKept: false }
}
