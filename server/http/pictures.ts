import sharp, { type Sharp } from 'sharp'

/** Bigger pictures are refused before a pixel is decoded: a small file can hold a huge one. 8K is 33 million. */
const maxPixels = 100_000_000

/** A user's picture, opened for work on its pixels. */
export function decodePicture(path: string): Sharp {
  return sharp(path, { limitInputPixels: maxPixels })
}

/** Work on whole pictures, one at a time: each may take hundreds of megabytes. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>

export function createTurns(): InTurn {
  let last: Promise<unknown> = Promise.resolve()
  return work => {
    const turn = last.then(work, work)
    last = turn.catch(() => {})
    return turn
  }
}
