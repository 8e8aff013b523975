import { expect, test } from 'vitest'
import { en } from '../../editor/i18n/en.ts'
import { type Price, priceSource, priceText } from '../../editor/state/price.ts'

const words = (key: keyof typeof en, values: Record<string, string> = {}) =>
  en[key].replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '')
const none = {
  tasks: 1,
  coins: null,
  money: null,
  seconds: null,
  currency: null,
  source: { kind: 'unknown' },
} as const

test.each<[string, Partial<Price>, string | undefined]>([
  ['nothing is created', { tasks: 0 }, undefined],
  ['nobody knows', {}, 'price unknown'],
  [
    'runs have told',
    { coins: { low: 44.6, high: 60 }, seconds: { low: 190, high: 290 } },
    '44–60 coins · 3–5 min',
  ],
  ['it is always the same', { coins: { low: 5, high: 5 }, seconds: { low: 9, high: 9 } }, '5 coins · 9 s'],
  ['money is paid', { money: { low: 0.0301, high: 0.06 } }, 'price 0.03–0.06'],
  ['the site foretells it', { money: { low: 0.35, high: 0.35 }, currency: 'CNY' }, '0.35 CNY'],
  ['this call is free', { money: { low: 0, high: 0 }, currency: 'CNY' }, '0 CNY'],
  ['only the time is known', { seconds: { low: 1.2, high: 3 } }, 'price unknown · 1–3 s'],
])('the price when %s', (_what, given, text) => {
  expect(priceText({ ...none, ...given }, words)).toBe(text)
})

test.each([
  [undefined, 'price.nobody'],
  [{ kind: 'unknown' }, 'price.nobody'],
  [{ kind: 'preview' }, 'price.preview'],
  [{ kind: 'mixed', count: 3 }, 'price.mixed'],
  [{ kind: 'runs', count: 1 }, 'price.lastRun'],
  [{ kind: 'runs', count: 4 }, 'price.lastRuns'],
] as const)('the source %j is told as %s', (source, word) => {
  expect(priceSource(source && { source })[0]).toBe(word)
})
