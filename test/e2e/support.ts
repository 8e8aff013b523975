import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import { type ConfigFlags, readConfig } from '../../server/config.ts'
import { serve } from '../../server/serve.ts'
import { buildEditor } from './build-editor.ts'
import { findChromium } from './chromium.ts'

export const root = fileURLToPath(new URL('../../', import.meta.url))
/** A picture for docs/, taken only when asked for with RH_BRIDGE_SHOTS=1: no test run changes the tree by itself. */
export async function shot(page: Page, name: string): Promise<void> {
  if (process.env.RH_BRIDGE_SHOTS) await page.screenshot({ path: `${root}docs/${name}.png` })
}

export type Stage = {
  readonly dataDir: string
  /** Takes the server away; the answer brings it back at the same address. */
  stopServer(): Promise<() => Promise<void>>
  /** A fresh browser profile for one test; a console error in any page of it fails the file. */
  visit(options?: VisitOptions): Promise<Page>
  /** Another tab beside one. */
  another(page: Page): Promise<Page>
  close(): Promise<void>
}

export type VisitOptions = {
  readonly locale?: string
  readonly colorScheme?: 'dark' | 'light'
  readonly width?: number
  readonly height?: number
  /** Console errors that the test provokes. */
  readonly expects?: RegExp
  readonly empty?: boolean
  /** As over plain http from another machine: without what browsers keep for secure pages. */
  readonly isInsecure?: boolean
}

/** A server with a fast sandbox and a browser. */
export async function createStage({
  speed = 20,
  sites = '',
  ...flags
}: { speed?: number; sites?: string } & ConfigFlags = {}): Promise<Stage> {
  await buildEditor()
  const dataDir = await mkdtemp(join(tmpdir(), 'rh-bridge-e2e-'))
  const start = (port: number) =>
    serve({
      config: readConfig(
        { dataDir, sandbox: flags.baseUrl === undefined ? 'on' : 'auto', sandboxSpeed: speed, ...flags },
        { RH_BRIDGE_SITES: sites },
      ),
      host: '127.0.0.1',
      port,
      parallel: 2,
      logLevel: 'silent',
      version: 'test',
      argv: [],
    })
  let server = await start(0)
  const browser: Browser = await chromium.launch({
    executablePath: findChromium(process.env),
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })
  const errors: string[] = []
  function watch(page: Page, expects: RegExp | undefined): void {
    page.on('pageerror', error => errors.push(String(error.stack ?? error)))
    page.on('console', message => {
      if (message.type() === 'error' && !expects?.test(message.text()))
        errors.push(`${message.text()} ${message.location().url}`)
    })
  }
  return {
    dataDir,
    async stopServer() {
      const port = Number(new URL(server.url).port)
      await server.close(500)
      return async () => {
        server = await start(port)
      }
    },
    async visit(how = {}) {
      const context = await browser.newContext({
        viewport: { width: how.width ?? 1280, height: how.height ?? 800 },
        locale: how.locale ?? 'en-US',
        colorScheme: how.colorScheme ?? 'dark',
        acceptDownloads: true,
        permissions: ['clipboard-read', 'clipboard-write'],
      })
      onTestFinished(() => context.close())
      context.setDefaultTimeout(60_000)
      const page = await context.newPage()
      watch(page, how.expects)
      if (how.isInsecure) {
        await page.addInitScript(() => {
          for (const [of, name] of [
            [crypto, 'randomUUID'],
            [navigator, 'locks'],
            [navigator, 'clipboard'],
          ] as const) {
            Object.defineProperty(of, name, { value: undefined })
          }
        })
      }
      await page.goto(server.url)
      await ready(page)
      if (how.empty) {
        await page.keyboard.press('Escape')
        await page.getByRole('button', { name: 'New workflow' }).click()
      }
      return page
    },
    async another(page) {
      const next = await page.context().newPage()
      watch(next, undefined)
      await next.goto(server.url)
      await ready(next)
      return next
    },
    async close() {
      await browser.close()
      await server.close(500)
      await rm(dataDir, { recursive: true, force: true })
      expect(errors).toEqual([])
    },
  }
}

export async function ready(page: Page): Promise<void> {
  await page.waitForFunction(() => 'rhBridge' in window && rhBridge.isReady())
  await page.waitForTimeout(60)
}

export type Workflow = {
  nodes: {
    id: number
    type: string
    pos: [number, number]
    size: [number, number]
    mode: number
    widgets_values?: unknown[]
    inputs?: { name: string; link: number | null }[]
  }[]
  links: unknown[][]
  groups: { id: number; title: string; bounding: number[]; color?: string }[]
  extra?: { reroutes?: unknown[] }
}

type Face = {
  isReady(): boolean
  graphJson(): string
  openText(text: string, name: string): Promise<boolean>
  place(
    id: string,
    part: { input: string } | { output: number } | { widget: string } | 'title',
  ): { x: number; y: number } | undefined
  toPage(x: number, y: number): { x: number; y: number }
  nodes(): { id: string; type: string; box: readonly [number, number, number, number] }[]
  fit(): void
  zoom(factor: number): void
  measure(): () => number[]
  redraw(): void
}
/** Lives in the page: only inside page functions. */
declare const rhBridge: Face

export const graphText = (page: Page): Promise<string> => page.evaluate(() => rhBridge.graphJson())
export async function graph(page: Page): Promise<Workflow> {
  return JSON.parse(await graphText(page)) as Workflow
}

/** Opens a workflow as a file would be. */
export async function openGraph(page: Page, file: unknown, name = 'test'): Promise<void> {
  await page.evaluate(([text, as]) => rhBridge.openText(text, as), [JSON.stringify(file), name] as const)
}

/** Where on the page a point of the graph is. */
export const toPage = (page: Page, x: number, y: number): Promise<{ x: number; y: number }> =>
  page.evaluate(([left, top]) => rhBridge.toPage(left, top), [x, y] as const)

/** Pairs of nodes that lie over each other as they are drawn, by id. */
export const overlaps = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    await new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))
    const nodes = rhBridge.nodes()
    return nodes.flatMap(({ id, box: [x, y, width, height] }, at) =>
      nodes
        .slice(at + 1)
        .filter(
          ({ box: [left, top, wide, high] }) =>
            x < left + wide && left < x + width && y < top + high && top < y + height,
        )
        .map(other => `${id} and ${other.id}`),
    )
  })

/** Two presses with a moment between them: at one and the same time they are no double click. */
export const doubleClick = (page: Page, x: number, y: number): Promise<void> =>
  page.mouse.dblclick(x, y, { delay: 5 })

export async function place(
  page: Page,
  id: string | number,
  part: Parameters<Face['place']>[1],
): Promise<{ x: number; y: number }> {
  // The place is known once the node was drawn.
  await page.evaluate(
    () => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  )
  const found = await page.evaluate(([name, where]) => rhBridge.place(name, where), [
    String(id),
    part,
  ] as const)
  if (!found) throw new Error(`Node ${id} has no ${JSON.stringify(part)}.`)
  return found
}

export async function drag(
  page: Page,
  from: { x: number; y: number },
  to: { x: number; y: number },
  steps = 3,
): Promise<void> {
  await page.mouse.move(from.x, from.y)
  await page.mouse.down()
  await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps })
  await page.mouse.move(to.x, to.y, { steps })
  await page.mouse.up()
}

/** Finds a node by a search opened with a double click. */
export async function addBySearch(page: Page, at: { x: number; y: number }, query: string): Promise<string> {
  await doubleClick(page, at.x, at.y)
  await page.getByRole('searchbox').fill(query)
  await page.keyboard.press('Enter')
  const all = (await graph(page)).nodes
  return String(all.at(-1)?.id)
}

/** Types into a widget's row. */
export async function typeInto(page: Page, id: string | number, widget: string, text: string): Promise<void> {
  const at = await place(page, id, { widget })
  await page.mouse.click(at.x, at.y)
  const field = page.locator('.inline-input')
  await field.waitFor()
  await field.fill(text)
  await field.press('Enter')
}

/** Drops a file onto the canvas, as from the desktop. */
export async function dropFile(
  page: Page,
  file: { name: string; type: string; bytes: Uint8Array },
  at = { x: 640, y: 300 },
): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([name, type, base64]) => {
      const bytes = Uint8Array.from(atob(base64), char => char.charCodeAt(0))
      const data = new DataTransfer()
      data.items.add(new File([bytes], name, { type }))
      return data
    },
    [file.name, file.type, Buffer.from(file.bytes).toString('base64')] as const,
  )
  await page.dispatchEvent('.canvas-root', 'drop', { dataTransfer: transfer, clientX: at.x, clientY: at.y })
}

/** Drops a link onto the canvas, as out of another window. */
export async function dropLink(page: Page, link: string, at: { x: number; y: number }): Promise<void> {
  const transfer = await page.evaluateHandle(address => {
    const data = new DataTransfer()
    data.setData('text/uri-list', address)
    return data
  }, link)
  await page.dispatchEvent('.canvas-root', 'drop', { dataTransfer: transfer, clientX: at.x, clientY: at.y })
}

export const run = (page: Page): Promise<void> =>
  page.getByRole('button', { name: 'Run', exact: true }).click()
