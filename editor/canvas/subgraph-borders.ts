import type { CanvasContext, NodeLike } from './context.ts'
import { openInlineInput } from './inline-input.ts'
import type { Subgraph } from './lib.ts'

type Border = Subgraph['inputNode'] | Subgraph['outputNode']
type Slot = Border['slots'][number]

/** The borders of a subgraph with our colours and our menus: the library draws them white, and its menus know one language. */
export function dressBorders(context: CanvasContext, { inputNode, outputNode }: Subgraph): void {
  for (const border of [inputNode, outputNode] as Border[]) {
    Object.defineProperty(border, 'sideStrokeStyle', {
      get: () => (border.isPointerOver ? context.palette.accentInk : context.palette.lineStrong),
    })
    Object.assign(border, {
      showSlotContextMenu(slot: Slot, event: PointerEvent): void {
        // The one that takes new links is no slot yet.
        if (!border.slots.includes(slot as never)) return
        const act = (change: () => void) => () => {
          change()
          context.edited()
        }
        context.host.openMenu(
          {
            kind: 'border',
            rename: () => renameSlot(context, border, slot),
            disconnect: slot.linkIds.length > 0 ? act(() => slot.disconnect()) : undefined,
            remove: act(() => border.removeSlot(slot as never)),
          },
          { x: event.clientX, y: event.clientY },
        )
      },
    })
  }
}

function renameSlot(context: CanvasContext, border: Border, slot: Slot): void {
  const [x = 0, y = 0] = slot.pos
  openInlineInput(context, {
    node: {
      id: border.id,
      pos: [x - 80, y - 11],
      size: [160, 22],
      collapsed: false,
      graph: border.subgraph,
    } as NodeLike,
    box: [0, 0, 160, 22],
    label: context.host.word('title'),
    value: slot.label ?? slot.name,
    commit(text) {
      if (text.trim() !== '') border.renameSlot(slot as never, text.trim())
    },
  })
}
