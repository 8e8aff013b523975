import type { CanvasContext } from './context.ts'
import { type LGraph, LGraphGroup, LiteGraph } from './lib.ts'
import { fitText } from './text.ts'

const corner = 10
const inset = 10

/** Groups with our looks: a title that is cut where the frame ends, legible on both grounds. */
export function defineGroups(context: CanvasContext): void {
  LiteGraph.LGraphGroup = class extends LGraphGroup {
    override draw(view: Parameters<LGraphGroup['draw']>[0], ctx: CanvasRenderingContext2D): void {
      const { palette } = context
      const [x = 0, y = 0] = this.pos
      const [width = 0, height = 0] = this.size
      const colour = this.color ?? LGraphGroup.defaultColour
      ctx.save()
      ctx.fillStyle = colour
      ctx.globalAlpha = 0.16 * view.editor_alpha
      ctx.beginPath()
      ctx.roundRect(x, y, width, height, 10)
      ctx.fill()
      ctx.globalAlpha = 0.3 * view.editor_alpha
      ctx.beginPath()
      ctx.roundRect(x, y, width, this.titleHeight, [10, 10, 0, 0])
      ctx.fill()
      ctx.globalAlpha = view.editor_alpha
      ctx.strokeStyle = this.selected ? palette.accentInk : colour
      ctx.lineWidth = this.selected ? 2 : 1
      ctx.beginPath()
      ctx.roundRect(x, y, width, height, 10)
      ctx.stroke()
      if (!this.pinned) {
        ctx.fillStyle = colour
        ctx.beginPath()
        ctx.moveTo(x + width - 2, y + height - corner - 2)
        ctx.lineTo(x + width - corner - 2, y + height - 2)
        ctx.lineTo(x + width - 2, y + height - 2)
        ctx.fill()
      }
      const size = this.font_size || LiteGraph.DEFAULT_GROUP_FONT_SIZE
      ctx.font = `600 ${size}px ${palette.font}`
      ctx.textAlign = 'left'
      ctx.textBaseline = 'middle'
      ctx.fillStyle = palette.text
      const room = width - 2 * inset - (this.pinned ? size : 0)
      ctx.fillText(fitText(ctx, this.title, room), x + inset, y + this.titleHeight / 2)
      if (this.pinned) {
        ctx.fillStyle = palette.textSoft
        ctx.beginPath()
        ctx.arc(x + width - inset - size / 3, y + this.titleHeight / 2 - 2, size / 5, 0, Math.PI * 2)
        ctx.fill()
        ctx.fillRect(x + width - inset - size / 3 - 1, y + this.titleHeight / 2, 2, size / 2.6)
      }
      ctx.restore()
    }
  }
}

export function makeGroup(title?: string): LGraphGroup {
  return new LiteGraph.LGraphGroup(title)
}

export function findGroup(graph: LGraph | null, groupId: number): LGraphGroup | undefined {
  return graph?.groups.find(group => group.id === groupId)
}
