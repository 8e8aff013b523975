import type { AssetAccess } from '../context.ts'
import type { ValidateInput } from '../define-node.ts'

/**
 * What every node with a file input needs: the check before a run, in ComfyUI's words, and the file's content as part of the signature.
 * Spread into a definition.
 */
export function loadsFile<N extends string>(
  name: N,
  kind: 'image' | 'audio' | 'video' | 'latent',
): {
  validate: { readonly [K in N]: ValidateInput }
  fingerprint(context: { inputs: Readonly<Record<string, unknown>>; assets: AssetAccess }): Promise<string>
} {
  const check: ValidateInput = async (value, { assets }) => {
    const file = String(value)
    if (file.trim() === '') {
      return { message: `Invalid ${kind} file: no file is chosen`, hint: 'Choose a file for this node.' }
    }
    if (await assets.exists(file)) return undefined
    return {
      message: `Invalid ${kind} file: ${file}`,
      hint: `"${file}" is not in the input folder. Put it there or choose another.`,
    }
  }
  return {
    validate: { [name]: check } as { readonly [K in N]: ValidateInput },
    fingerprint: async ({ inputs, assets }) => (await assets.find(String(inputs[name]))).sha256,
  }
}

/** The same for an input that names a file by its path, see `AssetAccess.findPath`. */
export function loadsPath<N extends string>(name: N): ReturnType<typeof loadsFile<N>> {
  const check: ValidateInput = async (value, { assets }) => {
    try {
      await assets.findPath(String(value))
      return undefined
    } catch (error) {
      const { message, hint } = error as Error & { hint?: string }
      return { message, ...(hint !== undefined && { hint }) }
    }
  }
  return {
    validate: { [name]: check } as { readonly [K in N]: ValidateInput },
    fingerprint: async ({ inputs, assets }) => (await assets.findPath(String(inputs[name]))).sha256,
  }
}
