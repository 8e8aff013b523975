type Box = { readonly id: string; readonly width: number; readonly height: number }
type Edge = { readonly from: string; readonly to: string }

const columnGap = 70
const rowGap = 60

/** Places of nodes, left to right along their links: each column holds what its predecessors feed, nearest rows first. */
export function layoutColumns(
  boxes: readonly Box[],
  edges: readonly Edge[],
  start: readonly [number, number] = [0, 0],
): Map<string, [number, number]> {
  const depth = depths(boxes, edges)
  const columns = new Map<number, Box[]>()
  for (const box of boxes) {
    const at = depth.get(box.id) ?? 0
    columns.set(at, [...(columns.get(at) ?? []), box])
  }
  const places = new Map<string, [number, number]>()
  const sources = new Map<string, string[]>()
  for (const { from, to } of edges) sources.set(to, [...(sources.get(to) ?? []), from])
  let x = start[0]
  for (const at of [...columns.keys()].sort((a, b) => a - b)) {
    const column = columns.get(at) ?? []
    const wanted = (box: Box): number => {
      const rows = (sources.get(box.id) ?? []).flatMap(id => places.get(id)?.[1] ?? [])
      return rows.length === 0
        ? Number.MAX_SAFE_INTEGER
        : rows.reduce((sum, row) => sum + row, 0) / rows.length
    }
    let y = start[1]
    for (const box of column.toSorted((a, b) => wanted(a) - wanted(b))) {
      places.set(box.id, [x, y])
      y += box.height + rowGap
    }
    x += Math.max(...column.map(box => box.width)) + columnGap
  }
  return places
}

/** The longest way from a node without sources. Cycles are cut where they close. */
function depths(boxes: readonly Box[], edges: readonly Edge[]): Map<string, number> {
  const sources = new Map<string, string[]>()
  const targets = new Map<string, string[]>()
  for (const { from, to } of edges) {
    sources.set(to, [...(sources.get(to) ?? []), from])
    targets.set(from, [...(targets.get(from) ?? []), to])
  }
  const depth = new Map<string, number>()
  const open = new Set<string>()
  const measure = (id: string): number => {
    const known = depth.get(id)
    if (known !== undefined) return known
    if (open.has(id)) return 0
    open.add(id)
    const own = sources.get(id) ?? []
    const value = own.length === 0 ? 0 : 1 + Math.max(...own.map(measure))
    open.delete(id)
    depth.set(id, value)
    return value
  }
  for (const box of boxes) measure(box.id)
  // A node without sources stands right before its first follower, not far to the left.
  for (const box of boxes) {
    const next = (targets.get(box.id) ?? []).map(id => depth.get(id) ?? 0)
    if ((sources.get(box.id) ?? []).length === 0 && next.length > 0) {
      depth.set(box.id, Math.max(0, Math.min(...next) - 1))
    }
  }
  return depth
}
