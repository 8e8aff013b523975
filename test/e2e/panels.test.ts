import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSandbox } from '../../server/sandbox/index.ts'
import { node } from '../support/prompts.ts'
import { violations } from './axe.ts'
import { addBySearch, createStage, dropFile, graph, place, run, type Stage, typeInto } from './support.ts'

const endlessId = '2099100000000000165'
const failingId = '2099100000000000107'

/** A site of our own with a key that was given for it: the editor takes it for the real cloud. */
let site: Awaited<ReturnType<typeof createSandbox>>
let stage: Stage
beforeAll(async () => {
  site = await createSandbox({ speed: 20, concurrency: 2 })
  stage = await createStage({
    baseUrl: site.url,
    apiKey: 'abcdefabcdefabcdefabcdefabcdef12',
    onUnknown: 'ask',
  })
})
afterAll(async () => {
  await stage.close()
  await site.close()
})

const panel = (page: Page, name: string) => page.getByRole('complementary', { name })
async function openPanel(page: Page, name: string) {
  await page.getByRole('button', { name, exact: true }).click()
  const found = panel(page, name)
  await found.waitFor()
  return found
}
async function runMenu(page: Page, item: string): Promise<void> {
  await page.getByRole('button', { name: 'More ways to run' }).click()
  await page.getByRole('menuitem', { name: item }).click()
}
async function loseNextAnswer(): Promise<void> {
  await fetch(`${site.url}/__sandbox/faults`, {
    method: 'POST',
    body: JSON.stringify({ on: 'create', do: { kind: 'commit-then-http', status: 502 } }),
  })
}
async function tasks(): Promise<{ taskId: string }[]> {
  const log = (await (await fetch(`${site.url}/__sandbox/log`)).json()) as { tasks: { taskId: string }[] }
  return log.tasks
}

test('a create whose answer is lost is shown at its node, outlives a reload, and is decided by the person', async () => {
  const page = await stage.visit()
  await page.getByRole('button', { name: /99,999 coins · 0\/2 slots/ }).waitFor()
  await run(page)
  await page.locator('.result-picture img').nth(3).waitFor()
  await loseNextAnswer()
  await runMenu(page, 'Run without the cache')
  const banner = page.getByText('gave no answer to the task of node 4')
  await banner.waitFor()
  await page.reload()
  await banner.waitFor()
  // The node says so too; a press on it opens the question.
  const title = await place(page, 4, 'title')
  await page.mouse.click(title.x, title.y + 20)
  const dialog = page.getByRole('dialog', { name: 'No answer from RunningHub' })
  await dialog.getByText(/last time one cost \d+ coins/).waitFor()
  expect(await violations(page, 'dialog')).toEqual([])
  await page.keyboard.press('Escape')
  const queue = await openPanel(page, 'Queue')
  await queue.getByRole('button', { name: /Decide/ }).click()
  const made = await tasks()
  expect(made).toHaveLength(2)
  await dialog.getByRole('textbox', { name: 'Task id' }).fill(String(made.at(-1)?.taskId))
  await dialog.getByRole('button', { name: 'Follow this task' }).click()
  await banner.waitFor({ state: 'detached' })
  await page.locator('.result-picture img').nth(3).waitFor()
  expect(await tasks()).toHaveLength(2)
  // The balance is asked for again, soon after.
  await page.getByRole('button', { name: /99,9(?!99)\d\d coins/ }).waitFor()
  // The run tells the whole story of its task.
  await queue.getByRole('button', { name: 'Details' }).first().click()
  const details = page.getByRole('dialog', { name: 'Run details' })
  await details.getByText('no answer').waitFor()
  await details.getByText('adopted by hand').waitFor()
  await details.getByRole('button', { name: 'Copy the task id' }).click()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(made.at(-1)?.taskId)
  await details.getByRole('button', { name: 'Copy the folder’s path' }).click()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(join(stage.dataDir, 'output'))
  await details.getByRole('button', { name: 'Close' }).click()

  await loseNextAnswer()
  await runMenu(page, 'Run without the cache')
  await page.getByRole('button', { name: 'Decide', exact: true }).click()
  await dialog.getByRole('button', { name: 'Give up' }).click()
  await page.locator('.status-notice.is-bad').waitFor()
  expect(await tasks()).toHaveLength(3)
})

test('the queue: side by side, to the front, one node or one run stopped, found again by a word', async () => {
  const page = await stage.visit()
  await typeInto(page, 1, 'workflowId_webappId', endlessId)
  const queue = await openPanel(page, 'Queue')
  for (let count = 0; count < 4; count++) await runMenu(page, 'Run without the cache')
  const rows = queue.locator('section').filter({ hasText: 'Waiting' }).locator('.run-row')
  await rows.nth(1).waitFor()
  await queue.getByText('Running here: 2 of 2').waitFor()
  const ids = async () =>
    (await page.evaluate(async () => {
      const { runs } = (await (await fetch('bridge/runs')).json()) as {
        runs: { id: string; status: string }[]
      }
      return runs.filter(({ status }) => status === 'waiting').map(({ id }) => id)
    })) as string[]
  const [first, second] = await ids()
  await rows.nth(1).getByRole('button', { name: 'Move to the front' }).click()
  await expect.poll(ids).toEqual([second, first])
  await queue.locator(`[data-run="${first}"]`).getByRole('button', { name: 'Cancel' }).click()
  await expect.poll(ids).toEqual([second])
  await rows.first().getByRole('button', { name: 'Cancel' }).click()
  // Stopping the one node that runs ends its run; the other goes on.
  await queue.getByRole('button', { name: 'Stop node 4' }).last().click()
  await queue.getByText('Running here: 1 of 2').waitFor()
  await runMenu(page, 'Stop everything')
  await queue.getByText('Running here: 0 of 2').waitFor()
  await queue.getByRole('searchbox').fill('no such word')
  await queue.getByText('No finished run fits.').waitFor()
  await queue.getByRole('button', { name: 'Show all' }).click()
  await queue.getByRole('combobox', { name: 'How it ended' }).selectOption('success')
  await expect.poll(() => queue.locator('.run-status.is-interrupted').count()).toBe(0)
  await queue.locator('.run-status.is-success').first().waitFor()
})

test('problems are found while one edits, each with its next step; the last run adds its own', async () => {
  const page = await stage.visit({ empty: true, expects: /400/ })
  const problems = await openPanel(page, 'Problems')
  await problems.getByText('No problems').waitFor()
  const settings = await addBySearch(page, { x: 480, y: 180 }, 'RH_SettingsNode')
  await run(page)
  const refusal = page.locator('.status-notice.is-bad', { hasText: 'Nothing to run' })
  await refusal.waitFor()
  await page.keyboard.press('Control+z')
  // An empty canvas has no problem, and the refusal no reason any more.
  await problems.getByText('No problems').waitFor()
  await refusal.waitFor({ state: 'detached' })
  await page.keyboard.press('Control+y')
  await problems.getByRole('button', { name: 'Add an output' }).click()
  await page.getByRole('searchbox').fill('save image')
  await page.keyboard.press('Enter')
  await problems.getByText('“images” needs a link.').waitFor()
  await problems.getByRole('button', { name: 'Find a node for it' }).click()
  await page.getByText('Nodes that give IMAGE').waitFor()
  await page.getByRole('searchbox').fill('load image')
  const asked = page.waitForResponse(answer => answer.url().endsWith('/bridge/check'))
  await page.keyboard.press('Enter')
  const pressedAt = Date.now()
  await asked
  await problems.getByText('No file is chosen.').waitFor()
  // Soon after the hand; how soon exactly is for a machine with nothing else to do.
  expect(Date.now() - pressedAt).toBeLessThan(1_500)
  const chooser = page.waitForEvent('filechooser')
  await problems.getByRole('button', { name: 'Choose a file' }).click()
  await (await chooser).setFiles('examples/input/harbour.png')
  await problems.getByText('No problems').waitFor()
  await problems.getByRole('button', { name: 'Check now' }).click()
  await problems.getByText('Checked: no problems.').waitFor()
  expect((await graph(page)).nodes.map(({ id }) => String(id))).toContain(settings)

  // Some cloud nodes refuse it; nothing is held up.
  const small = await readFile('examples/input/harbour.png')
  await mkdir(join(stage.dataDir, 'input'), { recursive: true })
  await writeFile(join(stage.dataDir, 'input/large.png'), Buffer.concat([small, Buffer.alloc(11 << 20)]))
  const large = {
    1: node('RH_SettingsNode', { base_url: '', apiKey: '', workflowId_webappId: '1904136902449209346' }),
    2: node('LoadImage', { image: 'large.png' }),
    3: node('RH_ImageUploaderNode', { apiConfig: ['1', 0], image: ['2', 0] }),
    4: node('PreviewAny', { source: ['3', 0] }),
  }
  const bytes = Buffer.from(JSON.stringify(large))
  await dropFile(page, { name: 'large.json', type: 'application/json', bytes })
  await problems.getByRole('heading', { name: 'Worth knowing, stops nothing' }).waitFor()
  await problems.getByText(/“?large\.png.* has 11\.\d MB/).waitFor()

  const other = await stage.visit()
  await typeInto(other, 1, 'workflowId_webappId', failingId)
  await run(other)
  await other.locator('.status-notice.is-bad').waitFor()
  const after = await openPanel(other, 'Problems')
  await after.getByText('From the last run').waitFor()
  await after.getByRole('button', { name: 'Details' }).click()
  await other.getByRole('heading', { name: 'What went wrong' }).waitFor()
})

test('keys are added, tried, renamed, made the default and forgotten; limits are set', async () => {
  const page = await stage.visit({ expects: /422|400/ })
  const settings = await openPanel(page, 'Settings')
  await settings.getByRole('button', { name: 'Try the key --api-key' }).click()
  await settings.getByText(/The key works: .*99,?\d+ coins/).waitFor()
  for (const [name, key] of [
    ['good', 'feedfacefeedfacefeedfacefeedface'],
    ['bad', 'invalidfeedfacefeedfacefeedface0'],
  ] as const) {
    // A site of one's own is no choice of the form: it is set by the API.
    await page.evaluate(body => fetch('bridge/keys', { method: 'POST', body: JSON.stringify(body) }), {
      name,
      key,
      baseUrl: site.url,
    })
  }
  await settings.getByRole('textbox', { name: 'Name' }).fill('third')
  await settings.getByLabel('Key', { exact: true }).fill('0123456789abcdef0123456789abcdef')
  await settings.getByRole('button', { name: 'Add the key' }).click()
  const row = (name: string) => settings.locator('.key-row').filter({ hasText: name })
  await row('third').getByText('…cdef').waitFor()
  expect(await page.content()).not.toContain('0123456789abcdef')
  await row('bad').getByRole('button', { name: 'Try the key bad' }).click()
  await row('bad').locator('.form-error').waitFor()
  await row('good').getByRole('button', { name: 'Try the key good' }).click()
  await row('good').getByText('The key works').waitFor()
  await row('good').getByRole('radio').check()
  await row('good').getByRole('button', { name: 'Rename the key good' }).click()
  const name = settings.locator('.key-row form').getByRole('textbox')
  await name.fill('bad')
  await name.press('Enter')
  await settings.getByText('There is a key "bad" already').waitFor()
  await name.fill('studio')
  await name.press('Enter')
  await row('studio').getByRole('button', { name: 'Try the key studio' }).waitFor()
  expect(await row('studio').getByRole('radio').isChecked()).toBe(true)
  for (const gone of ['studio', 'bad', 'third']) {
    await row(gone)
      .getByRole('button', { name: `Remove the key ${gone}` })
      .click()
    await row(gone).waitFor({ state: 'detached' })
  }
  const days = settings.getByRole('spinbutton', { name: 'Days they are kept' })
  await days.fill('9')
  await days.press('Tab')
  await page.reload()
  await openPanel(page, 'Settings')
  await expect.poll(() => days.inputValue()).toBe('9')
  // One that a flag decides cannot be changed here.
  expect(await settings.getByRole('spinbutton', { name: 'Runs at once' }).isDisabled()).toBe(true)
})

test('saved workflows: the copied command runs as pasted, they are renamed, copied and deleted; work is warned about and comes back', async () => {
  const page = await stage.visit()
  await page.getByRole('button', { name: /Workflow menu/ }).click()
  await page.getByRole('menuitem', { name: 'Copy as command or code…' }).click()
  const snippets = page.getByRole('dialog', { name: 'Run this graph from elsewhere' })
  for (const [name, start] of [
    ['curl', 'server='],
    ['Python', 'SERVER = "http://127.0.0.1:'],
    ['TypeScript', "import { createBridge } from 'rh-bridge'"],
  ] as const) {
    await snippets.getByRole('button', { name, exact: true }).click()
    await snippets.getByText(start).waitFor()
  }
  // A command names a file: it is saved first.
  await snippets.getByRole('button', { name: 'Command line' }).click()
  await snippets.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('dialog').getByRole('textbox').fill('it’s a “fox” 狐')
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await snippets.getByText('--set 6.value').waitFor()
  await snippets.getByRole('button', { name: 'Copy' }).click()
  await snippets.getByRole('button', { name: 'Copied' }).waitFor()
  await snippets.getByRole('button', { name: 'Close' }).click()
  const command = await page.evaluate(() => navigator.clipboard.readText())
  const ran = await promisify(execFile)('sh', [
    '-c',
    `cd / && ${command.trim()} --api-key ${'ab'.repeat(16)} --json`,
  ])
  expect(JSON.parse(ran.stdout)).toMatchObject({ status: 'success' })
  const workflows = await openPanel(page, 'Workflows')
  const row = (name: string) => workflows.locator('.list-row').filter({ hasText: name })
  await row('fox').getByRole('button', { name: 'Duplicate' }).click()
  await row('fox').nth(1).waitFor()
  await row('狐 2').getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await row('狐 2').waitFor({ state: 'detached' })
  await row('fox').getByRole('button', { name: 'Rename' }).click()
  await page.getByRole('dialog').getByRole('textbox').fill('fox')
  await page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click()
  await page.locator('.tab.is-active', { hasText: 'fox' }).waitFor()
  await expect.poll(() => readdir(join(stage.dataDir, 'workflows'))).toEqual(['fox.json'])
  const exported = page.waitForEvent('download')
  await page.getByRole('button', { name: /Workflow menu/ }).click()
  await page.getByRole('menuitem', { name: 'Export in API format' }).click()
  expect((await exported).suggestedFilename()).toBe('fox-api.json')

  let asked = 0
  page.on('dialog', dialog => {
    asked++
    void dialog.accept()
  })
  await page.reload()
  await page.locator('.tab.is-active', { hasText: 'fox' }).waitFor()
  expect(asked).toBe(0)
  await page.locator('.node-textarea').nth(1).fill('a fox that was not saved')
  await page.mouse.click(900, 700)
  await row('fox').getByRole('img', { name: 'not saved' }).waitFor()
  await page.waitForTimeout(700)
  await page.reload()
  expect(asked).toBe(1)
  await page.locator('.tab-name', { hasText: 'fox' }).waitFor()
  // The tab dies; a new one brings the work back.
  await page.close()
  const next = await stage.another(page)
  await next.locator('.status-notice', { hasText: 'Recovered what was not saved: fox' }).waitFor()
  expect(await next.locator('.node-textarea').nth(1).inputValue()).toBe('a fox that was not saved')
})

test('the end of a run is told where it is wished: a notification, a sound, the tab', async () => {
  const page = await stage.visit()
  const settings = await openPanel(page, 'Settings')
  // Where nobody looks: a page in the back, with ears.
  await page.evaluate(() => {
    const told: string[] = []
    Object.assign(window, { told })
    Object.defineProperty(document, 'hidden', { get: () => true })
    class Shown {
      static permission = 'granted'
      static requestPermission = async () => 'granted'
      constructor(_title: string, { body }: { body: string }) {
        told.push(body)
      }
    }
    const play = OscillatorNode.prototype.start
    OscillatorNode.prototype.start = function (...args) {
      told.push('tone')
      play.apply(this, args)
    }
    Object.assign(window, { Notification: Shown })
  })
  const told = () => page.evaluate(() => (window as unknown as { told: string[] }).told)
  const icon = () => page.locator('link[rel="icon"]').getAttribute('href')
  const atRest = await icon()
  await runMenu(page, 'Run without the cache')
  await page.waitForFunction(() => /\d+ %/.test(document.title))
  expect(await icon()).not.toBe(atRest)
  await page.locator('.status-notice', { hasText: 'Done in' }).waitFor()
  await page.waitForFunction(() => !/\d+ %/.test(document.title))
  expect(await told()).toEqual([])
  await settings.getByRole('checkbox', { name: 'Show a notification' }).check()
  await settings.getByRole('checkbox', { name: 'Play a sound' }).check()
  await runMenu(page, 'Run without the cache')
  // One looks at something else meanwhile: then it is said there.
  await page.getByRole('button', { name: 'New workflow' }).click()
  await page.getByRole('alert').filter({ hasText: 'rh_text_to_image is done.' }).waitFor()
  await expect.poll(told).toEqual(['The run is done.', 'tone', 'tone'])
})
