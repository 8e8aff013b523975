import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createStage, dropFile, graph, place, root, run, type Stage, shot, typeInto } from './support.ts'

/** The sandbox's ids that play a case: a run of an hour, a run that fails, a workflow that never ran. */
const endlessId = '2099100000000000165'
const failingId = '2099100000000000107'
const neverRunId = '2099100000000000141'

let stage: Stage
beforeAll(async () => {
  stage = await createStage({ speed: 4 })
})
afterAll(() => stage.close())

test('from the first page to the first picture it is one click, and the node shows what happens', async () => {
  const page = await stage.visit()
  await page.getByText('runs in the built-in sandbox').waitFor()
  await shot(page, 'first-screen')
  await run(page)
  await page.waitForFunction(() => /\d+ %/.test(document.title))
  await page.waitForTimeout(450)
  expect(await page.locator('.status-notice').textContent()).not.toContain('In line')
  await shot(page, 'running')
  await page.locator('.result-picture img').nth(3).waitFor()
  expect(await page.locator('.result-picture').count()).toBe(4)
  await page.locator('.status-notice', { hasText: 'Done in' }).waitFor()
  await page.locator('.result-picture').first().click()
  const large = page.getByRole('dialog')
  await large.getByText('1 of 4').waitFor()
  await page.keyboard.press('ArrowRight')
  await large.getByText('2 of 4').waitFor()
  await page.keyboard.press('Escape')
  await large.waitFor({ state: 'detached' })
})

test('a reload in the middle of a run shows its progress again, and its end, though the browser’s database was too slow', async () => {
  const page = await stage.visit()
  await page.evaluate(() => {
    IDBObjectStore.prototype.put = () => ({}) as IDBRequest<IDBValidKey>
  })
  await typeInto(page, 1, 'workflowId_webappId', endlessId)
  await run(page)
  // Settings and values are done by then.
  await page.waitForFunction(() => Number(/(\d+) %/.exec(document.title)?.[1]) >= 50)
  await page.reload()
  await page.waitForFunction(() => Number(/(\d+) %/.exec(document.title)?.[1]) >= 50)
  expect((await graph(page)).nodes.find(node => node.id === 1)?.widgets_values?.[2]).toBe(endlessId)
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.waitForFunction(() => !/\d+ %/.test(document.title))
})

test('runs are stopped one by one, each shown in its turn; one taken out of the line is seen to be gone', async () => {
  const page = await stage.visit()
  await typeInto(page, 1, 'workflowId_webappId', endlessId)
  const count = page.locator('.rail-count.is-queue')
  for (const many of ['1', '2', '3']) {
    await page.keyboard.press('Control+Enter')
    await count.filter({ hasText: many }).waitFor()
  }
  const stop = page.getByRole('button', { name: 'Stop' })
  await page.locator('.run-button', { hasText: /Running [1-9]/ }).waitFor()
  await stop.click()
  await page.locator('.status-notice', { hasText: 'Stopped' }).waitFor()
  await count.filter({ hasText: '2' }).waitFor()
  await page.locator('.run-button', { hasText: /Running [1-9]/ }).waitFor()
  for (const many of ['3', '4']) {
    await page.keyboard.press('Control+Enter')
    await count.filter({ hasText: many }).waitFor()
  }
  await page.evaluate(() => fetch('queue', { method: 'POST', body: '{"clear":true}' }))
  await count.filter({ hasText: '2' }).waitFor()
  await stop.click()
  await count.filter({ hasText: '1' }).waitFor()
  await stop.click()
  await page.getByRole('button', { name: 'Run', exact: true }).waitFor()
  expect(await page.locator('.result-picture').count()).toBe(0)
})

test('a wrong id fails in words, at its node, and is put right from there', async () => {
  const page = await stage.visit({ expects: /400/ })
  // One that is refused before it starts.
  await typeInto(page, 1, 'workflowId_webappId', neverRunId)
  await run(page)
  await page.locator('.status-notice', { hasText: 'Not started: 1 problem' }).waitFor()
  const problems = page.getByRole('complementary', { name: 'Problems' })
  await problems.getByText('Open the workflow on RunningHub, save it and run it there once').waitFor()
  await page.keyboard.press('Escape')
  await typeInto(page, 1, 'workflowId_webappId', failingId)
  await run(page)
  await page.locator('.status-notice', { hasText: 'The run failed' }).waitFor()
  const strip = await place(page, 4, 'title')
  await page.mouse.click(strip.x, strip.y + 20)
  await page.getByRole('dialog', { name: 'This node failed' }).waitFor()
  await page.getByRole('button', { name: 'Details' }).click()
  await page.getByRole('heading', { name: 'What went wrong' }).waitFor()
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  await typeInto(page, 1, 'workflowId_webappId', '2016195556967714818')
  await run(page)
  await page.locator('.result-picture img').first().waitFor()
})

test('a graph without an output says so', async () => {
  const page = await stage.visit({ expects: /400/ })
  const save = await place(page, 5, 'title')
  await page.mouse.click(save.x, save.y)
  await page.keyboard.press('Control+m')
  const execute = await place(page, 4, 'title')
  await page.mouse.click(execute.x, execute.y)
  await page.keyboard.press('Control+m')
  await run(page)
  await page.getByRole('complementary', { name: 'Problems' }).getByText('Nothing to run').waitFor()
  await page.keyboard.press('Control+z')
  await page.keyboard.press('Control+z')
  await run(page)
  await page.locator('.result-picture img').first().waitFor()
})

test('a missing picture is named, its node is shown, and dropping the picture there puts it right', async () => {
  const page = await stage.visit({ expects: /400/, empty: true })
  const file = {
    version: 0.4,
    nodes: [
      {
        id: 1,
        type: 'LoadImage',
        pos: [100, 100],
        size: [300, 320],
        inputs: [],
        outputs: [
          { name: 'IMAGE', type: 'IMAGE', links: [1] },
          { name: 'MASK', type: 'MASK', links: null },
        ],
        widgets_values: ['gone.png', 'image'],
      },
      {
        id: 2,
        type: 'SaveImage',
        pos: [500, 100],
        size: [300, 320],
        inputs: [{ name: 'images', type: 'IMAGE', link: 1 }],
        outputs: [],
        widgets_values: ['found'],
      },
    ],
    links: [[1, 1, 0, 2, 0, 'IMAGE']],
  }
  await dropFile(page, {
    name: 'gone.json',
    type: 'application/json',
    bytes: Buffer.from(JSON.stringify(file)),
  })
  await page.locator('.tab.is-active', { hasText: 'gone' }).waitFor()
  await run(page)
  const problem = page.getByRole('complementary', { name: 'Problems' }).getByText('gone.png').first()
  await problem.waitFor()
  expect(await page.locator('.problem-text').allTextContents()).toEqual([
    '“gone.png” is not in the input folder. Drop it here or choose another.',
  ])
  await problem.click()
  const at = await place(page, 1, 'title')
  const bytes = await readFile(`${root}examples/input/harbour.png`)
  await dropFile(page, { name: 'harbour.png', type: 'image/png', bytes }, { x: at.x, y: at.y + 60 })
  await page.getByText('No problems').waitFor()
  await run(page)
  await page.locator('.result-picture img').first().waitFor()
})
