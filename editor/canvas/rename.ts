import type { CanvasContext, NodeLike } from './context.ts'
import { openInlineInput } from './inline-input.ts'
import { LGraphGroup, type LGraphNode, titleHeight } from './lib.ts'

/** A field over a title. An empty one gives a node its type's name back. */
export function rename(context: CanvasContext, item: LGraphNode | LGraphGroup): void {
  const isGroup = item instanceof LGraphGroup
  openInlineInput(context, {
    node: isGroup
      ? ({ id: -1, pos: item.pos, size: item.size, collapsed: false, graph: item.graph } as NodeLike)
      : item,
    box: isGroup
      ? [4, 3, Math.max(160, item.size[0] - 8), item.titleHeight - 6]
      : [titleHeight - 6, -titleHeight + 4, Math.max(120, item.size[0] - titleHeight - 4), 22],
    label: context.host.word('title'),
    value: item.title,
    commit(text) {
      const own = isGroup ? item.title : (item.constructor as { title?: string }).title
      item.title = text.trim() === '' ? (own ?? item.title) : text.trim()
    },
  })
}
