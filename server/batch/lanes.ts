/** So many workers side by side, each until nothing waits; more of them again when something comes. */
export function createLanes(count: number) {
  const lanes = new Set<Promise<void>>()
  let fill = () => {}
  return {
    fill: () => fill(),
    async run(work: () => Promise<void>): Promise<void> {
      const failures: unknown[] = []
      fill = () => {
        while (lanes.size < count) {
          const lane: Promise<void> = work()
            .catch(error => void failures.push(error))
            .finally(() => lanes.delete(lane))
          lanes.add(lane)
        }
      }
      fill()
      while (lanes.size > 0) await Promise.all(lanes)
      fill = () => {}
      if (failures.length > 0) throw failures[0]
    },
  }
}
