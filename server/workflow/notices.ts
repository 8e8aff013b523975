/** Something about the file that was read in a way people may want to know. */
export type Notice = { nodeId?: string; code: string; message: string }

export type Notices = {
  add(code: string, message: string, nodeId?: string): void
  /** Everything so far; a code that came up too often ends in a count. */
  list(): Notice[]
}

/** A broken file of 100 MB must not give a report of 1 GB. */
const mostOfOneCode = 50
const longestMessage = 500

export function createNotices(): Notices {
  const kept: Notice[] = []
  const counts = new Map<string, number>()
  return {
    add(code, message, nodeId) {
      const count = (counts.get(code) ?? 0) + 1
      counts.set(code, count)
      if (count > mostOfOneCode) return
      kept.push({ ...(nodeId !== undefined && { nodeId }), code, message: message.slice(0, longestMessage) })
    },
    list() {
      const more = [...counts].filter(([, count]) => count > mostOfOneCode)
      return [
        ...kept,
        ...more.map(([code, count]) => ({
          code,
          message: `${count - mostOfOneCode} more notices of this kind`,
        })),
      ]
    },
  }
}
