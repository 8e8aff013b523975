import type { Page } from 'playwright-core'

/** Lives in the page: only inside page functions. */
declare const rhBridge: { graphJson(): string }

type Measured = {
  /** Median time between frames while the table is scrolled from end to end, in milliseconds. */
  readonly frame: number
  /** Processor time of the page's main thread a frame, in milliseconds: what other programs take is not in it. */
  readonly work: number
  /** What the page's heap has grown by, after both garbage collections, in MB. */
  readonly grown: number
  /** The most rows that were in the page at once. */
  readonly mostRows: number
}

/** Scrolls a batch of 1,000 rows times 3 values, through all of it and back. */
export async function scrollBatch(page: Page): Promise<Measured> {
  await page.evaluate(async () => {
    const rows = Array.from({ length: 1_000 }, (_, at) => ({ prompt: `a fox in the snow, number ${at}` }))
    await fetch('bridge/batches', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        workflow: JSON.parse(rhBridge.graphJson()),
        title: 'three thousand',
        rows,
        matrix: { seed: ['1', '2', '3'] },
        mapping: { prompt: ['6.value'] },
        start: false,
      }),
    })
  })
  await page.keyboard.press('b')
  await page.getByRole('button', { name: /three thousand/ }).click()
  await page.getByText('a fox in the snow, number 1', { exact: true }).first().waitFor()
  const session = await page.context().newCDPSession(page)
  const heap = async () => {
    await session.send('HeapProfiler.collectGarbage')
    return (await session.send('Runtime.getHeapUsage')).usedSize / 1e6
  }
  // The first way through takes in what stays: code, styles, the most rows there ever are.
  await scroll(page, 3_200)
  const before = await heap()
  const { mostRows } = await scroll(page, 3_200)
  const grown = (await heap()) - before
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const busy = async () => {
    const { metrics } = await session.send('Performance.getMetrics')
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1000
  }
  const startedAt = await busy()
  // Faster than a wheel is turned: 15,000 pixels a second at 50 frames.
  const { frames } = await scroll(page, 300, 150)
  const work = ((await busy()) - startedAt) / frames.length
  await session.detach()
  const frame = frames.toSorted((a, b) => a - b)[Math.floor(frames.length / 2)] ?? 0
  return { frame, work, grown, mostRows }
}

/** Down by so many pixels a frame and up again, or as many frames as are asked for. */
function scroll(page: Page, pixels: number, most = 1_000): Promise<{ frames: number[]; mostRows: number }> {
  return page.evaluate(
    ([step, limit]) =>
      new Promise(resolve => {
        const place = document.querySelector('.grid-scroll') as HTMLElement
        place.scrollTop = 0
        const frames: number[] = []
        let direction = step
        let mostRows = 0
        let last = performance.now()
        const move = () => {
          const now = performance.now()
          frames.push(now - last)
          last = now
          place.scrollTop += direction
          mostRows = Math.max(mostRows, document.querySelectorAll('.grid-body > *').length)
          if (place.scrollTop + place.clientHeight >= place.scrollHeight - 1) direction = -step
          if ((place.scrollTop > 0 || direction > 0) && frames.length < limit) requestAnimationFrame(move)
          else resolve({ frames: frames.slice(5), mostRows })
        }
        requestAnimationFrame(move)
      }),
    [pixels, most] as const,
  )
}
