import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'

const step = 60

/** A long list bit by bit: what is shown so far, and the sign at its end that brings more when it comes into view. */
export function useMore<T>(items: readonly T[]): { shown: readonly T[]; more: ComponentChildren } {
  const [limit, setLimit] = useState(step)
  const end = useRef<HTMLDivElement>(null)
  const hasMore = items.length > limit
  useEffect(() => {
    if (!end.current || !hasMore) return
    const watch = new IntersectionObserver(entries => {
      if (entries.some(entry => entry.isIntersecting)) setLimit(limit + step)
    })
    watch.observe(end.current)
    return () => watch.disconnect()
  }, [hasMore, limit])
  return { shown: items.slice(0, limit), more: hasMore && <div ref={end} class="list-end" /> }
}
