import { isPng, withPngTexts } from './png-metadata.ts'
import { withSafetensorsTexts } from './safetensors-metadata.ts'
import { isWebp, withWebpTexts } from './webp-metadata.ts'

export type Texts = Readonly<Record<string, string>>

/** Puts the graph into files that are held in memory for it, by extension; a file that is none of its kind is left as it is. */
export const writersInMemory: Readonly<Record<string, (bytes: Buffer, texts: Texts) => Buffer>> = {
  png: (bytes, texts) => (isPng(bytes) ? withPngTexts(bytes, texts) : bytes),
  webp: (bytes, texts) => (isWebp(bytes) ? withWebpTexts(bytes, texts) : bytes),
  latent: withSafetensorsTexts,
}
