/** The names most like a misspelt one, nearest first, at most three; none when nothing comes near. */
export function nearestNames(written: string, names: readonly string[]): readonly string[] {
  const wanted = written.trim().toLowerCase()
  const limit = Math.max(1, Math.floor(wanted.length / 3))
  return names
    .map(name => ({ name, away: distance(wanted, name.toLowerCase(), limit) }))
    .filter(({ away }) => away <= limit)
    .sort((a, b) => a.away - b.away)
    .slice(0, 3)
    .map(({ name }) => name)
}

/** Edits from one word to another (Levenshtein); anything over `limit` is told as limit + 1. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let above = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let row = 1; row <= a.length; row++) {
    const line = [row]
    for (let column = 1; column <= b.length; column++) {
      const replaced = (above[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1)
      line.push(Math.min(replaced, (above[column] ?? 0) + 1, (line[column - 1] ?? 0) + 1))
    }
    above = line
  }
  return above[b.length] ?? 0
}
