import { pinyin as convert } from 'pinyin-pro'
import type { Pinyin } from '../state/node-search.ts'

/** Chinese text as people type it on a Latin keyboard. */
export const pinyin: Pinyin = {
  initials: text => convert(text, { pattern: 'first', toneType: 'none', type: 'array' }).join(''),
  full: text => convert(text, { toneType: 'none', type: 'array' }).join(''),
}
