import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSandbox } from '../../server/sandbox/index.ts'
import { violations } from './axe.ts'
import { scrollBatch } from './batch-scroll.ts'
import { createStage, ready, type Stage, shot } from './support.ts'

let site: Awaited<ReturnType<typeof createSandbox>>
let stage: Stage
beforeAll(async () => {
  site = await createSandbox({ speed: 40, concurrency: 4 })
  stage = await createStage({ baseUrl: site.url, apiKey: 'abcdefabcdefabcdefabcdefabcdef12' })
})
afterAll(async () => {
  await stage.close()
  await site.close()
})

const sheet = (page: Page) => page.getByRole('region', { name: 'Batch', exact: true })
const table = (page: Page) => page.getByRole('grid', { name: 'Table of the batch' })
const cell = (page: Page, row: number, column: number) => page.locator(`#batch-table-${row}-${column}`)

async function openSheet(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'More ways to run' }).click()
  await page.getByRole('menuitem', { name: 'Batch…' }).click()
  await sheet(page).waitFor()
}
async function paste(page: Page, text: string): Promise<void> {
  await page.evaluate(written => navigator.clipboard.writeText(written), text)
  await page.keyboard.press('Control+v')
}
/** The next create is refused for what is in it: that row fails, and costs nothing. */
async function failNextCreate(): Promise<void> {
  await fetch(`${site.url}/__sandbox/faults`, {
    method: 'POST',
    body: JSON.stringify({ on: 'create', do: { kind: 'code', code: 433, msg: 'VALIDATE_PROMPT_FAILED' } }),
  })
}

test('a pasted table is bound by its names, planned, started, followed over a reload, mended and downloaded', async () => {
  const page = await stage.visit()
  await openSheet(page)
  await sheet(page).getByText('Every row is one run of this workflow').waitFor()
  expect(await violations(page, '.batch-sheet')).toEqual([])
  await paste(page, 'prompt\tstyle\na red fox\toil\n一只狗在雨中\t水墨\n')
  await table(page).waitFor()
  // The name says where it goes; the style is for names alone.
  await page.getByRole('button', { name: 'prompt Prompt · value' }).waitFor()
  await page.getByRole('button', { name: 'style only for names' }).waitFor()

  await page.getByRole('button', { name: 'Add values' }).click()
  await page.getByRole('textbox', { name: 'Name of the values' }).fill('seed')
  await page.getByRole('textbox', { name: 'Values of seed' }).fill('1, 2')
  await page.getByRole('button', { name: 'Seed of node 3 · fieldValue (seed)' }).waitFor()
  await page.getByRole('textbox', { name: 'Names of the results' }).fill('{style}-{seed}')
  await page.getByText('First: oil-1').waitFor()
  await page.getByRole('spinbutton', { name: 'Cap in coins' }).fill('500')
  await page.getByRole('button', { name: 'Show the plan' }).click()
  await page.getByText('2 × 2 = 4').waitFor()
  await page.getByText('4 at most').waitFor()
  await page.getByText('Nothing is wrong with any row.').waitFor()
  expect(await violations(page, '.batch-sheet')).toEqual([])

  await failNextCreate()
  await page.getByRole('button', { name: 'Start 4 rows' }).click()
  await page.locator('.batch-state.is-running').waitFor()
  await page.reload()
  await ready(page)
  // The panel is there again, with the batch it showed.
  await page.getByText('3 of 4 done').waitFor()
  await page.getByText('1 failed', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Failed 1' }).click()
  await page.getByText('did not pass its check').first().waitFor()
  await page.getByRole('button', { name: 'Retry 1 failed' }).click()
  await page.getByText('4 of 4 done').waitFor()
  await page.getByRole('button', { name: 'All 4' }).click()
  await page.locator('.row-thumb img').nth(3).waitFor()
  await shot(page, 'batch')
  expect(await violations(page, '.batch-sheet')).toEqual([])

  await page.getByRole('button', { name: 'Download' }).click()
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Results as CSV' }).click(),
  ])
  const csv = await readFile(await file.path(), 'utf8')
  expect(csv.split('\r\n')[0]).toContain('prompt,style,seed,state')
  expect(csv.match(/,done,/g)).toHaveLength(4)
  expect(csv).toContain('一只狗在雨中')
  expect(csv).toMatch(/oil-1_00001_/)

  // A row in full, and its picture.
  await page.locator('#batch-rows-0-2').dblclick()
  const card = page.getByRole('dialog', { name: 'Row 1' })
  await card.getByText('a red fox').waitFor()
  expect(await violations(page, 'dialog')).toEqual([])
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Remove from the list' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove from the list' }).click()
  await table(page).waitFor()
  expect(await page.locator('.batch-tab').count()).toBe(1)
})

test('cells are typed, filled, cleared and taken back with the keyboard; the canvas is left alone', async () => {
  const page = await stage.visit()
  const nodes = await page.evaluate(
    () => (window as unknown as { rhBridge: { nodes(): unknown[] } }).rhBridge.nodes().length,
  )
  await page.keyboard.press('Control+a')
  await page.keyboard.press('b')
  await sheet(page).waitFor()
  await page.getByRole('button', { name: 'Type a list' }).click()
  await page.getByRole('textbox', { name: 'One prompt a line' }).fill('one\ntwo')
  await page.getByRole('button', { name: 'Add the rows' }).click()
  await table(page).waitFor()
  await table(page).focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.keyboard.type(' cats')
  await page.keyboard.press('Enter')
  await expect.poll(() => cell(page, 1, 0).textContent()).toBe('two cats')
  // The row after the last is a new one.
  await page.keyboard.type('three')
  await page.keyboard.press('Tab')
  await expect.poll(() => cell(page, 2, 0).textContent()).toBe('three')
  await page.keyboard.press('Control+Home')
  await paste(page, 'a\tb\nc\td')
  await expect.poll(() => cell(page, 1, 1).textContent()).toBe('d')
  await page.keyboard.press('Delete')
  await expect.poll(() => cell(page, 0, 0).textContent()).toBe('')
  await page.keyboard.press('Control+z')
  await expect.poll(() => cell(page, 0, 0).textContent()).toBe('a')
  await page.keyboard.press('Control+c')
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe('a\tb\nc\td')
  await page.keyboard.press('Shift+Delete')
  await expect.poll(() => cell(page, 0, 0).textContent()).toBe('three')
  await page.keyboard.press('Control+z')
  await page.keyboard.press('Control+z')
  await expect.poll(() => cell(page, 1, 0).textContent()).toBe('two cats')
  const after = await page.evaluate(
    () => (window as unknown as { rhBridge: { nodes(): unknown[] } }).rhBridge.nodes().length,
  )
  expect(after).toBe(nodes)
  // From the table to the panel, and out of it.
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  await sheet(page).waitFor({ state: 'detached' })
})

test('a batch of 3,000 rows scrolls with a few rows in the page and no more of its memory', async () => {
  const page = await stage.visit()
  const { frame, work, grown, mostRows } = await scrollBatch(page)
  // Fifty frames a second is what `npm run bench` holds it to; here other tests run beside it, and rows that are all drawn take far more.
  expect(Math.min(frame, work)).toBeLessThan(40)
  expect(work).toBeGreaterThan(0)
  expect(mostRows).toBeLessThan(40)
  expect(grown).toBeLessThan(3)
})
