import { type AssetAccess, NodeError } from '../context.ts'
import type { Asset } from '../values.ts'

/** One tensor of a safetensors file: where its numbers lie, counted from the end of the header. */
export type Tensor = {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly data_offsets: readonly [number, number]
}

/** A header: its tensors by name, and where the data begins in the file. */
export type Safetensors = { readonly tensors: ReadonlyMap<string, Tensor>; readonly dataStart: number }

/** Headers are some hundred bytes; whole models have some hundred KB. */
const maxHeaderBytes = 32 * 1024 * 1024

/** Reads the header of a safetensors file (8 bytes length, JSON). Throws NodeError `latent-unreadable` naming the file. */
export async function readHeader(asset: Asset, assets: AssetAccess): Promise<Safetensors> {
  const first = Buffer.from(await assets.readBytes(asset, 0, 8))
  if (first.length < 8) throw bad(asset, asset.sizeBytes === 0 ? 'the file is empty' : 'it is cut off')
  const length = first.readBigUInt64LE()
  if (length > BigInt(maxHeaderBytes) || 8n + length > BigInt(asset.sizeBytes)) {
    throw bad(asset, 'it is damaged or no latent')
  }
  const dataStart = 8 + Number(length)
  const text = Buffer.from(await assets.readBytes(asset, 8, dataStart)).toString('utf8')
  let header: unknown
  try {
    header = JSON.parse(text)
  } catch (cause) {
    throw bad(asset, 'it is damaged or no latent', cause)
  }
  const tensors = new Map<string, Tensor>()
  for (const [name, tensor] of Object.entries(header as Record<string, unknown>)) {
    if (name !== '__metadata__' && isTensor(tensor, asset.sizeBytes - dataStart)) tensors.set(name, tensor)
  }
  return { tensors, dataStart }
}

function isTensor(value: unknown, dataBytes: number): value is Tensor {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Partial<Tensor>
  return (
    typeof dtype === 'string' &&
    Array.isArray(shape) &&
    Array.isArray(offsets) &&
    Number.isInteger(offsets[0]) &&
    Number.isInteger(offsets[1]) &&
    (offsets[0] as number) <= (offsets[1] as number) &&
    (offsets[1] as number) <= dataBytes
  )
}

/** A file of 32-bit tensors. */
export function writeSafetensors(
  tensors: Readonly<Record<string, { shape: readonly number[]; data: Float32Array }>>,
): Uint8Array {
  let end = 0
  const header = Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => {
      const start = end
      end += data.byteLength
      return [name, { dtype: 'F32', shape, data_offsets: [start, end] }]
    }),
  )
  const json = JSON.stringify(header)
  // Data begins at a multiple of eight: the header is padded with spaces.
  const text = Buffer.from(json.padEnd(Math.ceil(json.length / 8) * 8))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  const parts = Object.values(tensors).map(({ data }) =>
    Buffer.from(data.buffer, data.byteOffset, data.byteLength),
  )
  return Buffer.concat([length, text, ...parts])
}

/** A tensor's numbers as 32-bit floats. Throws for a type that latents do not have. */
export function toFloats(asset: Asset, tensor: Tensor, bytes: Uint8Array): Float32Array {
  const own = Uint8Array.from(bytes).buffer
  if (tensor.dtype === 'F32') return new Float32Array(own)
  if (tensor.dtype === 'F16') return Float32Array.from(new Float16Array(own))
  if (tensor.dtype === 'BF16') {
    const wide = new Uint32Array(own.byteLength / 2)
    for (const [index, half] of new Uint16Array(own).entries()) wide[index] = half << 16
    return new Float32Array(wide.buffer)
  }
  throw bad(asset, `its numbers are ${tensor.dtype}`)
}

export function bad(asset: Asset, why: string, cause?: unknown): NodeError {
  return new NodeError(`"${asset.name}" cannot be read as a latent: ${why}`, {
    code: 'latent-unreadable',
    hint: 'Choose a .latent file saved by ComfyUI or RunningHub.',
    cause,
  })
}
