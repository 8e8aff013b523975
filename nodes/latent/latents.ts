import { type AssetAccess, NodeError } from '../context.ts'
import { defineNode, latentFile, socket, string } from '../define-node.ts'
import { loadsFile } from '../media/loads-file.ts'
import type { Asset } from '../values.ts'
import { bad, readHeader, toFloats, writeSafetensors } from './safetensors.ts'

const common = { category: 'latent', module: 'nodes' } as const

/** What latents were multiplied by before files named their version (ComfyUI: LoadLatent). */
const oldScale = 0.18215
/** A latent is some hundred KB; one of a long video some hundred MB. */
const maxLatentBytes = 1024 * 1024 * 1024

/** Loads a latent from the input folder; one without a version is scaled to today's (ComfyUI: LoadLatent). */
const loadLatent = defineNode({
  ...common,
  type: 'LoadLatent',
  displayName: 'LoadLatent',
  inputs: { latent: latentFile() },
  outputs: { LATENT: 'LATENT' },
  ...loadsFile('latent', 'latent'),
  execute: async ({ inputs, assets }) => ({
    LATENT: { kind: 'latent', asset: await versioned(await assets.find(inputs.latent), assets) },
  }),
})

/** Saves a latent as it is (ComfyUI: SaveLatent). */
const saveLatent = defineNode({
  ...common,
  type: 'SaveLatent',
  displayName: 'SaveLatent',
  isOutput: true,
  inputs: { samples: socket('LATENT'), filename_prefix: string({ default: 'latents/ComfyUI' }) },
  outputs: { LATENT: 'LATENT' },
  execute: async ({ inputs, assets }) => {
    const { samples } = inputs
    const saved = await assets.save({
      folder: 'output',
      prefix: inputs.filename_prefix,
      trailingUnderscore: true,
      items: [{ asset: await versioned(samples.asset, assets), extension: 'latent' }],
    })
    return { LATENT: samples, ui: { latents: saved } }
  },
})

/** The file itself, or one with today's numbers. Throws NodeError `latent-unreadable` for what holds no latent. */
async function versioned(asset: Asset, assets: AssetAccess): Promise<Asset> {
  const { tensors, dataStart } = await readHeader(asset, assets)
  const latent = tensors.get('latent_tensor')
  if (!latent) throw bad(asset, 'it holds no latent_tensor')
  if (tensors.has('latent_format_version_0')) return asset
  const [from, to] = latent.data_offsets
  if (to - from > maxLatentBytes) {
    throw new NodeError(`"${asset.name}" is too big to be brought to today's form.`, {
      code: 'latent-too-big',
    })
  }
  const data = toFloats(asset, latent, await assets.readBytes(asset, dataStart + from, dataStart + to))
  const scaled = data.map(value => value / oldScale)
  const file = writeSafetensors({
    latent_tensor: { shape: latent.shape, data: scaled },
    latent_format_version_0: { shape: [0], data: new Float32Array() },
  })
  return assets.keep(file, asset.name)
}

export const latentNodes = [loadLatent, saveLatent]
