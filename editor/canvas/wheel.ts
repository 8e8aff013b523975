type Turn =
  | { readonly kind: 'zoom'; readonly factor: number; readonly isStep: boolean }
  | { readonly kind: 'pan'; readonly x: number; readonly y: number }

/** One click of a wheel. */
const step = 1.1
/** Events of one movement come closer together than this, ms. */
const pause = 400

/**
 * Reads wheel events. Browsers do not say what turned: a wheel comes in whole clicks (Chrome and Safari: multiples of 120) and one
 * direction, fingers in any amount and both. Within one movement the first event decides.
 */
export function readWheel(): (event: WheelEvent) => Turn {
  let last = { at: -Infinity, isFingers: false }
  return event => {
    const at = event.timeStamp
    const isFingers = at - last.at < pause ? last.isFingers : movesLikeFingers(event)
    last = { at, isFingers }
    if (event.ctrlKey || event.metaKey) {
      // A pinch arrives as a wheel with Ctrl held, in small amounts.
      return Math.abs(event.deltaY) < 50
        ? { kind: 'zoom', factor: Math.exp(-event.deltaY / 100), isStep: false }
        : clicks(event.deltaY)
    }
    if (isFingers) return { kind: 'pan', x: event.deltaX, y: event.deltaY }
    if (event.shiftKey) return { kind: 'pan', x: event.deltaY || event.deltaX, y: 0 }
    return clicks(event.deltaY)
  }
}

function clicks(delta: number): Turn {
  return { kind: 'zoom', factor: delta < 0 ? step : delta > 0 ? 1 / step : 1, isStep: true }
}

function movesLikeFingers(event: WheelEvent): boolean {
  if (event.deltaMode !== WheelEvent.DOM_DELTA_PIXEL) return false
  if (event.deltaX !== 0 && event.deltaY !== 0) return true
  const { wheelDeltaY, wheelDeltaX } = event as WheelEvent & { wheelDeltaX?: number; wheelDeltaY?: number }
  const amount = Math.abs(wheelDeltaY || wheelDeltaX || 0)
  if (amount > 0) return amount % 120 !== 0
  const delta = Math.abs(event.deltaY || event.deltaX)
  return delta < 50 || !Number.isInteger(delta)
}
