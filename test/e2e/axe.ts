import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const axeSource = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

type Violation = { id: string; impact: string; nodes: { html: string }[] }

/** What axe finds that is serious, on the whole page or within what a selector names, by all its rules or some. */
export async function violations(page: Page, within?: string, rules?: readonly string[]): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.addScriptTag({ path: axeSource })
  const found = await page.evaluate(
    async ([selector, runOnly]) => {
      const { axe } = globalThis as unknown as {
        axe: { run(root: Document | string, options: object): Promise<{ violations: Violation[] }> }
      }
      return (await axe.run(selector ?? document, runOnly ? { runOnly } : {})).violations
    },
    [within, rules] as const,
  )
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html.slice(0, 140)).join(' | ')}`)
}
