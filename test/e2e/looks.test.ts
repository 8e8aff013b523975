import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createStage, run, type Stage, shot } from './support.ts'

const axeSource = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

let stage: Stage
beforeAll(async () => {
  stage = await createStage()
}, 60_000)
afterAll(() => stage.close())

type Violation = { id: string; impact: string; nodes: { html: string }[] }

async function violations(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.addScriptTag({ path: axeSource })
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(root: Document): Promise<{ violations: Violation[] }> }
    }
    return (await axe.run(document)).violations
  })
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html.slice(0, 140)).join(' | ')}`)
}

test.each(['dark', 'light'] as const)(
  'axe finds nothing serious in any panel, %s',
  async colorScheme => {
    const page = await stage.visit({ colorScheme })
    await run(page)
    await page.locator('.result-picture img').nth(3).waitFor()
    expect(await violations(page)).toEqual([])
    for (const name of ['Workflows', 'Nodes', 'Queue', 'Gallery', 'Problems', 'Settings']) {
      await page.getByRole('button', { name, exact: true }).click()
      await page.getByRole('complementary', { name }).waitFor()
      await page.waitForTimeout(200)
      expect(await violations(page), name).toEqual([])
      await page.getByRole('button', { name: 'Fit the view' }).click()
      await page.waitForTimeout(80)
      if (name === 'Gallery' && colorScheme === 'dark') await shot(page, 'gallery')
      if (name === 'Queue' && colorScheme === 'light') await shot(page, 'light')
    }
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Shortcuts' }).click()
    expect(await violations(page), 'shortcuts').toEqual([])
    await page.keyboard.press('Escape')
    await page.locator('.result-picture').first().click()
    expect(await violations(page), 'lightbox').toEqual([])
  },
  40_000,
)

test('in Chinese from start to end', async () => {
  const page = await stage.visit({ locale: 'zh-CN' })
  await page.getByText('这个示例在内置沙盒中运行').waitFor()
  expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN')
  await page.getByRole('button', { name: '运行', exact: true }).click()
  await page.locator('.result-picture img').nth(3).waitFor()
  await page.locator('.status-notice', { hasText: /完成|沿用/ }).waitFor()
  await page.getByRole('button', { name: '节点', exact: true }).click()
  await page.getByRole('complementary', { name: '节点' }).getByText('加载图像').waitFor()
  await shot(page, 'chinese')
  const shown = await page.locator('.app').textContent()
  expect(shown).not.toMatch(/\b(Run|Stop|Settings|Queue|Gallery|Nodes)\b/)
  // Switched live, without a reload.
  await page.getByRole('button', { name: '设置', exact: true }).click()
  await page.getByRole('combobox', { name: '语言' }).selectOption('en')
  await page.getByRole('button', { name: 'Run', exact: true }).waitFor()
})

test('a server that goes away shows a banner; work goes on, and it is taken up again by itself', async () => {
  const page = await stage.visit({ expects: /WebSocket|ERR_/ })
  const startAgain = await stage.stopServer()
  await page.getByText('Connection lost').waitFor()
  const area = page.locator('.node-textarea').nth(1)
  await area.fill('written without a server')
  await page.mouse.click(700, 700)
  await startAgain()
  await page.getByText('Connection lost').waitFor({ state: 'detached' })
  await page.getByText('server connected').waitFor()
  await page.waitForTimeout(500)
  await run(page)
  await page.locator('.result-picture img').first().waitFor()
  expect(await page.locator('.node-textarea').nth(1).inputValue()).toBe('written without a server')
})

test('nothing lies outside the window at 1024 px, on a tablet and at 200 %', async () => {
  for (const [width, height] of [
    [1024, 1366],
    [1280, 800],
    [640, 400],
  ] as const) {
    const page = await stage.visit({ width, height })
    await page.getByRole('button', { name: 'Workflows' }).click()
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    expect(overflow).toBeLessThanOrEqual(0)
    const box = await page.locator('.run-button').boundingBox()
    expect(box && box.x + box.width).toBeLessThanOrEqual(width)
  }
})
