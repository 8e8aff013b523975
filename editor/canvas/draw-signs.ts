type Context = CanvasRenderingContext2D

export function drawCloud(ctx: Context, x: number, y: number, colour: string): void {
  ctx.strokeStyle = colour
  ctx.lineWidth = 1.4
  ctx.beginPath()
  ctx.arc(x + 5, y + 1, 3.2, Math.PI * 0.5, Math.PI * 1.45)
  ctx.arc(x + 9, y - 1.5, 3.6, Math.PI * 1.1, Math.PI * 1.9)
  ctx.arc(x + 12.5, y + 1.4, 2.8, Math.PI * 1.45, Math.PI * 0.5)
  ctx.closePath()
  ctx.stroke()
}

export function drawPin(ctx: Context, x: number, y: number, colour: string): void {
  ctx.fillStyle = colour
  ctx.beginPath()
  ctx.arc(x, y - 2, 3.5, 0, Math.PI * 2)
  ctx.fill()
  ctx.fillRect(x - 0.75, y, 1.5, 7)
}

/** Six arms around a middle, each with a barb. */
export function drawSnowflake(ctx: Context, x: number, y: number, size: number, colour: string): void {
  ctx.save()
  ctx.translate(x, y)
  ctx.strokeStyle = colour
  ctx.lineWidth = size / 5
  ctx.lineCap = 'round'
  ctx.beginPath()
  for (let arm = 0; arm < 6; arm++) {
    ctx.rotate(Math.PI / 3)
    ctx.moveTo(0, 0)
    ctx.lineTo(0, -size)
    ctx.moveTo(-size * 0.3, -size * 0.95)
    ctx.lineTo(0, -size * 0.62)
    ctx.lineTo(size * 0.3, -size * 0.95)
  }
  ctx.stroke()
  ctx.restore()
}

export function drawPlay(ctx: Context, x: number, y: number, colour: string): void {
  ctx.fillStyle = colour
  ctx.beginPath()
  ctx.moveTo(x - 3.5, y - 5)
  ctx.lineTo(x + 5, y)
  ctx.lineTo(x - 3.5, y + 5)
  ctx.closePath()
  ctx.fill()
}

export function drawStop(ctx: Context, x: number, y: number, colour: string): void {
  ctx.fillStyle = colour
  ctx.fillRect(x - 4, y - 4, 8, 8)
}

/** A frame with an arrow into it. */
export function drawEnter(ctx: Context, x: number, y: number, colour: string): void {
  ctx.strokeStyle = colour
  ctx.lineWidth = 1.4
  ctx.beginPath()
  ctx.roundRect(x - 5, y - 5, 10, 10, 2)
  ctx.moveTo(x - 2.5, y + 2.5)
  ctx.lineTo(x + 2.5, y - 2.5)
  ctx.moveTo(x - 1, y - 2.5)
  ctx.lineTo(x + 2.5, y - 2.5)
  ctx.lineTo(x + 2.5, y + 1)
  ctx.stroke()
}
