import { afterAll, beforeAll, expect, test } from 'vitest'
import { createStage, drag, graphText, openGraph, place, run, type Stage, toPage } from './support.ts'

let stage: Stage
beforeAll(async () => {
  stage = await createStage()
})
afterAll(() => stage.close())

const [outerId, innerId] = ['2f3a0d0c-7d6b-4f3e-9d0e-1c2b3a4d5e6f', '8a1b2c3d-0000-4000-8000-1234567890ab']
const link = (id: number, from: number, fromSlot: number, to: number, toSlot: number) => ({
  id,
  origin_id: from,
  origin_slot: fromSlot,
  target_id: to,
  target_slot: toSlot,
  type: 'STRING',
})

/** A text and its preview, inside a subgraph, inside a subgraph; the text comes out on the right. */
const nested = {
  version: 0.4,
  last_node_id: 6,
  last_link_id: 3,
  nodes: [
    {
      id: 5,
      type: outerId,
      pos: [100, 120],
      size: [240, 120],
      inputs: [],
      outputs: [{ name: 'text', type: 'STRING', links: [3] }],
      properties: { proxyWidgets: [['7', 'words']] },
      widgets_values: ['kept'],
    },
    {
      id: 6,
      type: 'PreviewAny',
      pos: [460, 120],
      size: [240, 160],
      inputs: [{ name: 'source', type: '*', link: 3 }],
      outputs: [],
    },
  ],
  links: [[3, 5, 0, 6, 0, 'STRING']],
  groups: [],
  definitions: {
    subgraphs: [
      {
        id: outerId,
        name: 'Story',
        version: 1,
        revision: 0,
        state: { lastNodeId: 7, lastLinkId: 1, lastGroupId: 0, lastRerouteId: 0 },
        inputNode: { id: -10, bounding: [-200, 100, 120, 60] },
        outputNode: { id: -20, bounding: [500, 100, 120, 60] },
        inputs: [],
        outputs: [{ id: 'o1', name: 'text', type: 'STRING', linkIds: [1] }],
        nodes: [
          {
            id: 7,
            type: innerId,
            pos: [100, 100],
            size: [240, 160],
            inputs: [],
            outputs: [{ name: 'text', type: 'STRING', links: [1] }],
            properties: {},
            unknown: { kept: true },
          },
        ],
        links: [link(1, 7, 0, -20, 0)],
        groups: [],
      },
      {
        id: innerId,
        name: 'Chapter',
        version: 1,
        inputNode: { id: -10 },
        outputNode: { id: -20 },
        inputs: [],
        outputs: [{ id: 'o2', name: 'text', type: 'STRING', linkIds: [2] }],
        nodes: [
          {
            id: 1,
            type: 'PrimitiveStringMultiline',
            pos: [40, 100],
            size: [320, 160],
            inputs: [{ name: 'value', type: 'STRING', link: null, widget: { name: 'value' } }],
            outputs: [{ name: 'STRING', type: 'STRING', links: [1, 2] }],
            widgets_values: ['once upon a time'],
          },
          {
            id: 2,
            type: 'PreviewAny',
            pos: [460, 100],
            size: [320, 200],
            inputs: [{ name: 'source', type: '*', link: 1 }],
            outputs: [],
          },
        ],
        links: [link(1, 1, 0, 2, 0), link(2, 1, 0, -20, 0)],
        groups: [],
      },
    ],
  },
}

test('subgraphs are entered, edited, run and left; what nobody touched is saved as it was', async () => {
  const page = await stage.visit({ empty: true })
  await openGraph(page, nested)
  const file = JSON.stringify(nested)
  expect(await graphText(page)).toBe(file)
  const path = page.getByRole('navigation', { name: 'Place in the workflow' })
  const enter = async (id: string) => {
    const { x, y } = await place(page, id, 'title')
    await page.mouse.dblclick(x, y + 60, { delay: 5 })
  }
  const seen = await toPage(page, 0, 0)
  await enter('5')
  await path.getByText('Story').waitFor()
  await enter('5:7')
  await path.getByText('Chapter').waitFor()
  // Drawn: layout must not count as a change.
  await place(page, '5:7:1', 'title')
  expect(await graphText(page)).toBe(file)
  await run(page)
  await page.locator('.result-text:visible', { hasText: 'once upon a time' }).waitFor()
  // A change inside is a step of undo that leaves people where they are.
  const area = page.locator('.node-textarea:visible')
  await area.fill('and then')
  await area.press('Escape')
  const changed = await graphText(page)
  expect(changed).toBe(file.replace('"once upon a time"', '"and then"'))
  await page.keyboard.press('Control+z')
  expect(await graphText(page)).toBe(file)
  await path.getByText('Chapter').waitFor()
  expect(await area.inputValue()).toBe('once upon a time')
  await page.keyboard.press('Control+y')
  expect(await graphText(page)).toBe(changed)

  await page.keyboard.press('Escape')
  await path.getByText('Chapter').waitFor({ state: 'detached' })
  // A slot on the border gets another name.
  const slot = await toPage(page, 522, 120)
  await page.mouse.click(slot.x, slot.y, { button: 'right' })
  await page.getByRole('menuitem', { name: 'Rename' }).click()
  await page.locator('.inline-input').fill('lines')
  await page.keyboard.press('Enter')
  expect(await graphText(page)).toContain('"label":"lines"')
  await page.keyboard.press('Control+z')
  expect(await graphText(page)).toBe(changed)
  // A link from the border into empty space is offered what takes it, and joined.
  const dot = await toPage(page, -100, 120)
  await drag(page, dot, { x: dot.x + 60, y: dot.y + 160 })
  await page.getByRole('searchbox').fill('preview as text')
  await page.keyboard.press('Enter')
  const more = JSON.parse(await graphText(page)) as typeof nested
  expect(more.definitions.subgraphs[0]?.inputs).toHaveLength(1)
  expect(more.definitions.subgraphs[0]?.links).toHaveLength(2)
  await page.keyboard.press('Control+z')
  expect(await graphText(page)).toBe(changed)
  await enter('5:7')
  await path.getByRole('button', { name: 'test' }).click()
  await path.waitFor({ state: 'detached' })
  expect(await toPage(page, 0, 0)).toEqual(seen)
  // The node outside shows what was made inside.
  await page.locator('.result-text:visible', { hasText: 'once upon a time' }).first().waitFor()
  expect(await page.locator('.result-text:visible').count()).toBe(2)

  // A copy is a subgraph of its own.
  const { x, y } = await place(page, 5, 'title')
  await page.mouse.click(x, y)
  await page.keyboard.press('Control+d')
  const copied = JSON.parse(await graphText(page)) as typeof nested
  expect(copied.definitions.subgraphs).toHaveLength(4)
  expect(new Set(copied.definitions.subgraphs.map(({ id }) => id)).size).toBe(4)
  await run(page)
  await page.locator('.result-text:visible', { hasText: 'and then' }).nth(2).waitFor()
  await page.keyboard.press('Control+z')
  expect(await graphText(page)).toBe(changed)
})
