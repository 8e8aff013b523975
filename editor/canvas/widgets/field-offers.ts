import { fieldOffers, fitValue } from '../../node-types/index.ts'
import { cloudTargetOf } from '../cloud-target.ts'
import type { LGraphNode } from '../lib.ts'
import { type EditorWidget, rowBox, type WidgetParts } from './base.ts'

/** The node that sets one field of a cloud workflow, as the pack calls it. */
const infoType = 'RH_NodeInfoListNode'

/**
 * Node number, field and value of a classic chain are offered once the workflow is known, and may be typed all the same. Without an
 * answer the row opens as any other.
 */
export function withFieldOffers(widget: EditorWidget, parts: WidgetParts): EditorWidget {
  const { context, type } = parts
  const { open } = widget
  if (type.type !== infoType || !open) return widget
  const textOf = (node: LGraphNode, name: string) =>
    String(node.widgets?.find(other => other.name === name)?.value ?? '')
  widget.open = (node, place, typed) => {
    const self = parts.node as unknown as LGraphNode
    const plain = () => open.call(widget, node, place, typed)
    const target = typed === undefined ? cloudTargetOf(self) : undefined
    if (!target) return plain()
    void context.host.cloudFields(target).then(fields => {
      const offers = fieldOffers(widget.name, fields, {
        nodeId: textOf(self, 'nodeId'),
        fieldName: textOf(self, 'fieldName'),
        language: context.host.language(),
      })
      if (offers.size === 0) return plain()
      context.host.pickOption({
        box: context.screenBox(node, rowBox(node, place)),
        title: context.host.labelOf(type, widget.name),
        options: [...offers.keys()],
        show: value => offers.get(String(value)) ?? String(value),
        isFree: true,
        value: String(widget.value ?? ''),
        pick(value) {
          widget.value = fitValue(widget.spec, value)
          context.edited()
        },
      })
    })
  }
  return widget
}
