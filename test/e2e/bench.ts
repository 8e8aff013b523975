import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { readConfig } from '../../server/config.ts'
import { serve } from '../../server/serve.ts'
import { scrollBatch } from './batch-scroll.ts'
import { buildEditor } from './build-editor.ts'
import { findChromium } from './chromium.ts'

/** How long a graph of 1,000 nodes takes to open, to pan at zoom 1 and to redraw as a whole, and a batch of 3,000 rows to scroll, in a headless Chromium. */
type Face = {
  isReady(): boolean
  openText(text: string, name: string): Promise<boolean>
  fit(): void
  zoom(factor: number): void
  redraw(): void
  measure(): () => number[]
}
declare const rhBridge: Face

const count = 1_000

function generated(): string {
  const nodes: unknown[] = []
  const links: unknown[] = []
  for (let id = 1; id <= count; id++) {
    const column = Math.floor((id - 1) / 25)
    const row = (id - 1) % 25
    const isText = id % 4 === 1
    const link = id > 25 ? id - 25 : null
    const next = id + 25 <= count ? id : null
    const type = isText ? 'PrimitiveStringMultiline' : 'RH_NodeInfoListNode'
    if (!isText && link !== null && (id - 25) % 4 !== 1) links.push([link, id - 25, 0, id, 0, 'ARRAY'])
    nodes.push({
      id,
      type,
      pos: [column * 420, row * 220],
      size: [340, 150],
      flags: {},
      order: id,
      mode: 0,
      inputs: isText
        ? []
        : [{ name: 'previousNodeInfoList', type: 'ARRAY', link: (id - 25) % 4 !== 1 ? link : null }],
      outputs: [
        {
          name: isText ? 'STRING' : 'ARRAY',
          type: isText ? 'STRING' : 'ARRAY',
          links: next === null ? null : [next],
        },
      ],
      properties: {},
      widgets_values: isText ? [`text ${id}`] : [id, 'text', 'value'],
    })
  }
  return JSON.stringify({ version: 0.4, last_node_id: count, last_link_id: count, nodes, links, groups: [] })
}

const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** Time between frames while the page redraws each of them, and the time our own drawing takes of it. */
async function frames(page: Page, move: 'pan' | 'still'): Promise<{ frame: number; draw: number }> {
  const stop = await page.evaluateHandle(() => rhBridge.measure())
  if (move === 'pan') {
    await page.keyboard.down('Space')
    await page.mouse.move(640, 400)
    await page.mouse.down()
  }
  const gaps = page.evaluate(
    () =>
      new Promise<number[]>(resolve => {
        const times: number[] = []
        let last = performance.now()
        const step = () => {
          const now = performance.now()
          times.push(now - last)
          last = now
          rhBridge.redraw()
          if (times.length < 90) requestAnimationFrame(step)
          else resolve(times.slice(5))
        }
        requestAnimationFrame(step)
      }),
  )
  if (move === 'pan') {
    for (let at = 0; at < 60; at++) await page.mouse.move(640 - at * 6, 400 - at * 3)
    await page.mouse.up()
    await page.keyboard.up('Space')
  }
  const frame = median(await gaps)
  const draw = await page.evaluate(read => read(), stop)
  return { frame, draw: median(draw) }
}

await buildEditor()
const dataDir = await mkdtemp(join(tmpdir(), 'rh-bridge-bench-'))
const server = await serve({
  config: readConfig({ dataDir, sandbox: 'on' }, {}),
  host: '127.0.0.1',
  port: 0,
  parallel: 1,
  logLevel: 'silent',
  version: 'bench',
  argv: [],
})
let browser: Browser | undefined
/** A browser that has seen nothing yet: what it compiled and kept for another page would flatter. */
async function freshPage(): Promise<Page> {
  await browser?.close()
  browser = await chromium.launch({
    executablePath: findChromium(process.env),
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  await page.goto(server.url)
  await page.waitForFunction(() => 'rhBridge' in window && rhBridge.isReady())
  return page
}
try {
  const openings: number[] = []
  let page: Page
  do {
    page = await freshPage()
    openings.push(
      await page.evaluate(async text => {
        const startedAt = performance.now()
        await rhBridge.openText(text, 'thousand')
        await new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))
        return performance.now() - startedAt
      }, generated()),
    )
  } while (openings.length < 5)
  const fit = await frames(page, 'still')
  for (let at = 0; at < 60; at++) await page.evaluate(() => rhBridge.zoom(1.1))
  await page.evaluate(() => rhBridge.zoom(1 / 4))
  const pan = await frames(page, 'pan')
  await page.reload()
  await page.waitForFunction(() => 'rhBridge' in window && rhBridge.isReady())
  await page.evaluate(async () => {
    const example = await (await fetch('templates/rh_text_to_image.json')).text()
    await rhBridge.openText(example, 'example')
  })
  const batch = await scrollBatch(page)
  const line = (name: string, value: number, limit: number) =>
    `${name.padEnd(42)}${value.toFixed(1).padStart(8)} ms   ${value < limit ? 'ok' : 'TOO SLOW'} (limit ${limit})\n`
  process.stdout.write(
    line('1,000 nodes: open, median of 5', median(openings), 500) +
      line('pan at zoom 1: median frame', pan.frame, 25) +
      line('pan at zoom 1: of that, our drawing', pan.draw, 25) +
      line('fit view: median frame', fit.frame, 50) +
      line('fit view: of that, our drawing', fit.draw, 50) +
      line('batch of 3,000 rows, scrolled: median frame', batch.frame, 20) +
      line('batch of 3,000 rows: of that, our own work', batch.work, 20) +
      `batch of 3,000 rows: ${batch.mostRows} in the page at most, heap grown by ${batch.grown.toFixed(1)} MB\n`,
  )
} finally {
  await browser?.close()
  await server.close(200)
}
