import { isFlac, readFlac } from './flac.ts'
import { isMatroska, readMatroska } from './matroska.ts'
import { isMp3, readMp3 } from './mp3.ts'
import { isMp4, readMp4 } from './mp4.ts'
import { isOgg, readOgg } from './ogg.ts'
import { isSafetensors, readSafetensors } from './safetensors.ts'
import { isWebp, readWebp } from './webp.ts'

/** Texts by name as a file holds them; only the names that matter are kept, see `textsIn`. */
export type NamedTexts = Iterable<readonly [name: string, text: string]>

type Carrier = { is(bytes: Uint8Array): boolean; read(bytes: Uint8Array): NamedTexts }

/** Where ComfyUI and its packs leave workflow and prompt besides PNG (its reference: telling files apart). */
const carriers: readonly Carrier[] = [
  { is: isWebp, read: readWebp },
  { is: isMp4, read: readMp4 },
  { is: isMatroska, read: readMatroska },
  { is: isFlac, read: readFlac },
  { is: isOgg, read: readOgg },
  { is: isMp3, read: readMp3 },
  { is: isSafetensors, read: readSafetensors },
]

/** The texts called workflow and prompt inside a picture, video, sound or latent; empty when there are none or the file is of another kind. */
export function textsIn(bytes: Uint8Array, maxTextBytes: number): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  const carrier = carriers.find(({ is }) => is(bytes))
  if (!carrier) return texts
  try {
    for (const [name, text] of carrier.read(bytes)) {
      const key = name.toLowerCase()
      const wanted = key === 'workflow' || key === 'prompt'
      if (wanted && !texts.has(key) && text.length <= maxTextBytes) texts.set(key, text)
    }
  } catch (error) {
    // A length that points outside the file: what was read before it still counts.
    if (!(error instanceof RangeError)) throw error
  }
  return texts
}
