const widths = new Map<string, number>()

/** The width of a text, remembered: measuring is most of what drawing texts costs. */
function textWidth(ctx: CanvasRenderingContext2D, text: string): number {
  const key = `${ctx.font}|${text}`
  const known = widths.get(key)
  if (known !== undefined) return known
  if (widths.size > 5_000) widths.clear()
  const width = ctx.measureText(text).width
  widths.set(key, width)
  return width
}

/** Text cut to a width with an ellipsis. */
export function fitText(ctx: CanvasRenderingContext2D, text: string, width: number): string {
  const line = text.length > 400 ? text.slice(0, 400) : text
  if (textWidth(ctx, line) <= width) return line
  let [low, high] = [0, line.length]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (ctx.measureText(`${line.slice(0, middle)}…`).width <= width) low = middle
    else high = middle - 1
  }
  return low === 0 ? '' : `${line.slice(0, low)}…`
}
