import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createStage, dropFile, graph, graphText, overlaps, place, root, run, type Stage } from './support.ts'

let stage: Stage
beforeAll(async () => {
  stage = await createStage()
})
afterAll(() => stage.close())

const folders = [`${root}examples`, join(root, '../shared/fixtures/workflows')].filter(existsSync)

/** Keys in order, undefined left out: two files say the same. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  )
}

test('every file opens by dropping it and is saved back unchanged; in our own no node lies over another', async () => {
  const page = await stage.visit()
  let count = 0
  for (const folder of folders) {
    for (const name of (await readdir(folder)).filter(
      file => file.endsWith('.json') && file !== 'index.json',
    )) {
      const bytes = await readFile(join(folder, name))
      await dropFile(page, { name, type: 'application/json', bytes })
      await page.locator('.tab.is-active', { hasText: name.replace('.json', '') }).waitFor()
      await page.keyboard.press('Escape')
      const given = bytes.toString('utf8')
      expect(sorted(JSON.parse(await graphText(page))), name).toEqual(sorted(JSON.parse(given)))
      if (folder === folders[0]) expect(await overlaps(page), name).toEqual([])
      count++
    }
  }
  expect(count).toBeGreaterThanOrEqual(5)
})

test('nodes nobody knows stand as placeholders, are named, move, and keep all they hold', async () => {
  const page = await stage.visit()
  const file = {
    version: 0.4,
    nodes: [
      {
        id: 1,
        type: 'LoadImage',
        pos: [60, 60],
        size: [300, 300],
        outputs: [
          { name: 'IMAGE', type: 'IMAGE', links: [7] },
          { name: 'MASK', type: 'MASK', links: null },
        ],
        inputs: [],
        widgets_values: ['a.png', 'image'],
      },
      {
        id: 2,
        type: 'Strange<b>Node</b>',
        pos: [460, 60],
        size: [240, 120],
        custom: { kept: true },
        inputs: [{ name: 'image', type: 'IMAGE', link: 7, odd: 1 }],
        outputs: [{ name: 'out', type: 'STRANGE', links: null }],
        widgets_values: { seed: 1, text: 'x' },
        properties: { cnr_id: 'pack' },
      },
    ],
    links: [[7, 1, 0, 2, 0, 'IMAGE']],
    unheardOf: [1, 2, 3],
  }
  await dropFile(page, {
    name: 'strange.json',
    type: 'application/json',
    bytes: Buffer.from(JSON.stringify(file)),
  })
  const dialog = page.getByRole('dialog')
  await dialog.getByText('Strange<b>Node</b>').waitFor()
  await dialog.getByRole('button', { name: 'OK' }).click()
  expect(sorted(await graph(page))).toEqual(sorted(file))
  const at = await place(page, 2, 'title')
  await page.mouse.move(at.x, at.y)
  await page.mouse.down()
  await page.mouse.move(at.x + 60, at.y + 40, { steps: 4 })
  await page.mouse.up()
  const moved = (await graph(page)).nodes[1] as unknown as Record<string, unknown>
  expect(moved.pos).not.toEqual([460, 60])
  expect({ ...moved, pos: 0 }).toEqual({ ...file.nodes[1], pos: 0 })
})

test('a saved picture dropped on an empty canvas brings its graph back', async () => {
  const page = await stage.visit()
  const before = await graph(page)
  await run(page)
  await page.locator('.result-picture img').first().waitFor()
  const [name] = (await readdir(join(stage.dataDir, 'output'))).filter(file => file.endsWith('.png'))
  const bytes = await readFile(join(stage.dataDir, 'output', String(name)))
  const next = await stage.visit({ empty: true })
  await dropFile(next, { name: String(name), type: 'image/png', bytes })
  await next.waitForFunction(
    () => (globalThis as unknown as { rhBridge: { nodes(): unknown[] } }).rhBridge.nodes().length === 7,
  )
  await next
    .locator('.status-notice', { hasText: `the workflow that ${name} was made with: 7 nodes` })
    .waitFor()
  const after = await graph(next)
  expect(after.nodes.map(node => [node.id, node.type, node.widgets_values])).toEqual(
    before.nodes.map(node => [node.id, node.type, node.widgets_values]),
  )
})

test('an API file is laid out readably and runs', async () => {
  const page = await stage.visit({ empty: true })
  const prompt = {
    '3': { class_type: 'PrimitiveStringMultiline', inputs: { value: 'hello' } },
    '8': { class_type: 'PreviewAny', inputs: { source: ['3', 0] } },
  }
  await dropFile(page, {
    name: 'api.json',
    type: 'application/json',
    bytes: Buffer.from(JSON.stringify(prompt)),
  })
  await page.locator('.tab.is-active', { hasText: 'api' }).waitFor()
  const [first, second] = (await graph(page)).nodes
  expect(Number(second?.pos[0])).toBeGreaterThan(Number(first?.pos[0]) + Number(first?.size[0]))
  await run(page)
  await page.locator('.result-text', { hasText: 'hello' }).waitFor()
})

test('a key in a file is asked about before it goes anywhere, and never stands in the graph', async () => {
  const page = await stage.visit({ empty: true })
  const key = 'abcdef0123456789abcdef0123456789'
  const file = {
    version: 0.4,
    nodes: [
      {
        id: 1,
        type: 'RH_SettingsNode',
        pos: [60, 60],
        size: [300, 120],
        inputs: [],
        outputs: [],
        widgets_values: ['https://www.runninghub.cn', key, '1'],
      },
    ],
    links: [],
  }
  const drop = () =>
    dropFile(page, {
      name: 'keyed.json',
      type: 'application/json',
      bytes: Buffer.from(JSON.stringify(file)),
    })
  const dialog = page.getByRole('dialog', { name: 'This file contains an API key' })
  await page.getByRole('button', { name: 'Settings' }).click()
  const settings = page.getByRole('complementary', { name: 'Settings' })
  await drop()
  await dialog.getByText('…6789').waitFor()
  expect(await page.content()).not.toContain(key)
  // Not opened: nothing has moved.
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  expect((await graph(page)).nodes).toEqual([])
  await drop()
  await dialog.getByRole('button', { name: 'Remove it' }).click()
  await page.locator('.tab.is-active', { hasText: 'keyed' }).waitFor()
  expect((await graph(page)).nodes[0]?.widgets_values).toEqual(['https://www.runninghub.cn', '', '1'])
  await settings.getByText('No key is stored').waitFor()
  await drop()
  await dialog.getByRole('textbox').fill('theirs')
  await dialog.getByRole('button', { name: 'Keep it' }).click()
  await settings.getByText('theirs').waitFor()
  await expect.poll(() => graphText(page)).toContain('<key:theirs>')
  // Known by now: a line says so.
  await drop()
  await page.locator('.status-notice', { hasText: 'was taken out of the workflow' }).waitFor()
  expect(await page.locator('dialog').count()).toBe(0)
  expect(await page.content()).not.toContain(key)
})

test('what was not saved comes back after a reload, within a second of the change', async () => {
  const page = await stage.visit()
  const area = page.locator('.node-textarea').nth(1)
  await area.click()
  await area.fill('a ship in a bottle')
  await page.mouse.click(700, 700)
  await page.waitForTimeout(900)
  await page.reload()
  await page.waitForFunction(
    () =>
      'rhBridge' in window &&
      (globalThis as unknown as { rhBridge: { isReady(): boolean } }).rhBridge.isReady(),
  )
  expect(await graphText(page)).toContain('a ship in a bottle')
})

test('a picture is uploaded into a picker by dropping it', async () => {
  // The server is asked whether a workflow is in it, and says no.
  const page = await stage.visit({ expects: /400/ })
  const bytes = await readFile(`${root}examples/input/harbour.png`)
  await dropFile(page, { name: 'harbour.png', type: 'image/png', bytes })
  await page.locator('.node-medium img').waitFor()
  const loader = (await graph(page)).nodes.find(node => node.type === 'LoadImage')
  await expect
    .poll(async () => (await graph(page)).nodes.find(node => node.id === loader?.id)?.widgets_values?.[0])
    .toBe('harbour.png')
})
