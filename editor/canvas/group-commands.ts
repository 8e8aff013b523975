import type { CanvasContext } from './context.ts'
import { findGroup, makeGroup } from './editor-group.ts'
import type { EditorView } from './editor-view.ts'
import type { LGraph } from './lib.ts'

const padding = 20

/** What is done with groups. Each is one step of undo. */
export function createGroupCommands(view: EditorView, context: CanvasContext) {
  const graph = (): LGraph => view.graph as LGraph
  return {
    group(title: string): void {
      const items = [...view.selectedNodes(), ...view.selectedGroups()]
      if (items.length === 0) return
      const group = makeGroup(title)
      group.resizeTo(new Set(items), padding)
      graph().add(group)
      view.deselectAll()
      view.select(group)
      context.edited()
    },
    /** Only the frames go; what they hold stays. */
    ungroup(): void {
      for (const group of view.selectedGroups()) graph().remove(group)
      context.edited()
    },
    /** The frame as small as what it holds allows. */
    fitGroup(groupId: number): void {
      const group = findGroup(graph(), groupId)
      if (!group) return
      group.recomputeInsideNodes()
      if (group.children.size === 0) return
      group.resizeTo(group.children, padding)
      context.edited()
    },
    /** The group and all it holds. */
    deleteGroup(groupId: number): void {
      const group = findGroup(graph(), groupId)
      if (!group) return
      group.recomputeInsideNodes()
      view.deselectAll()
      for (const item of group.children) view.select(item)
      view.select(group)
      view.removeSelected()
      context.edited()
    },
  }
}
