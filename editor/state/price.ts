type Range = { readonly low: number; readonly high: number } | null

/** What a graph will cost and how long it will take, as the server foretells it. */
export type Price = {
  /** Cloud tasks that would be created. */
  readonly tasks: number
  readonly coins: Range
  readonly money: Range
  readonly seconds: Range
  readonly currency: string | null
  readonly source: { readonly kind: string; readonly count?: number | undefined }
}

type PriceWords = (
  key: 'price.coins' | 'price.money' | 'price.currency' | 'price.seconds' | 'price.minutes' | 'price.unknown',
  values?: Record<string, string>,
) => string

/** "45 to 60 coins · 3 to 5 min", as far as it is known; undefined when nothing is created. */
export function priceText(price: Price, words: PriceWords): string | undefined {
  if (price.tasks === 0) return undefined
  const { coins, money, seconds, currency } = price
  const isLong = (seconds?.high ?? 0) > 120
  const unit = isLong ? 60 : 1
  const parts = [
    coins && words('price.coins', { range: rangeText(coins, 1) }),
    money &&
      (money.high > 0 || currency !== null) &&
      (currency === null
        ? words('price.money', { range: rangeText(money, 0.001) })
        : words('price.currency', { range: rangeText(money, 0.001), currency })),
    seconds &&
      words(isLong ? 'price.minutes' : 'price.seconds', {
        range: rangeText({ low: seconds.low / unit, high: seconds.high / unit }, 1),
      }),
  ].filter(Boolean)
  if (!coins && !money) parts.unshift(words('price.unknown'))
  return parts.join(' · ')
}

type SourceWord = 'price.nobody' | 'price.preview' | 'price.mixed' | 'price.lastRun' | 'price.lastRuns'

/** Where a price is known from: a word, and what stands in it. */
export function priceSource(price: Pick<Price, 'source'> | undefined): [SourceWord, { count: number }] {
  const { kind, count = 0 } = price?.source ?? { kind: 'unknown' }
  if (kind === 'preview') return ['price.preview', { count }]
  if (kind === 'mixed') return ['price.mixed', { count }]
  if (kind === 'unknown' || count === 0) return ['price.nobody', { count }]
  return [count === 1 ? 'price.lastRun' : 'price.lastRuns', { count }]
}

/** Down and up to whole steps, so that the true value is inside. */
function rangeText({ low, high }: { low: number; high: number }, step: number): string {
  const round = (value: number, by: (value: number) => number) =>
    Number((by(Number((value / step).toFixed(6))) * step).toFixed(3))
  const [from, to] = [round(low, Math.floor), round(high, Math.ceil)]
  return from === to ? String(to) : `${from}–${to}`
}
