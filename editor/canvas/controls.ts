import { controlledValue } from '../node-types/index.ts'
import { EditorNode } from './editor-node.ts'
import type { LGraph, LGraphNode } from './lib.ts'

export const muted = 2
export const bypassed = 4

export function allNodes(root: LGraph): LGraphNode[] {
  return [root, ...root.subgraphs.values()].flatMap(graph => graph.nodes)
}

/** Seeds and the like move on, as control_after_generate says; true when one did. */
export function advanceControls(root: LGraph, random: () => number): boolean {
  let hasChanged = false
  for (const node of allNodes(root)) {
    if (!(node instanceof EditorNode) || node.mode === muted || node.mode === bypassed) continue
    for (const control of node.editorWidgets) {
      if (control.spec.kind !== 'control') continue
      const { controls } = control.spec
      const target = node.editorWidgets.find(widget => widget.name === controls)
      if (!target) continue
      const bounds = target.spec.kind === 'number' ? target.spec : { step: 1 }
      const isLinked = node.inputs.some(input => input.widget?.name === controls && input.link != null)
      if (isLinked) continue
      const next = controlledValue(target.value, control.value, bounds, random)
      if (next === target.value) continue
      target.value = next
      hasChanged = true
    }
  }
  return hasChanged
}
