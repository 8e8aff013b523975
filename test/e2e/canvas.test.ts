import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  addBySearch,
  createStage,
  drag,
  graph,
  graphText,
  openGraph,
  place,
  run,
  type Stage,
  toPage,
  typeInto,
  type Workflow,
} from './support.ts'

/** The sandbox's id that plays a run of a minute. */
const endlessId = '2099100000000000165'

let stage: Stage
beforeAll(async () => {
  stage = await createStage()
})
afterAll(() => stage.close())

const texts = (count: number) =>
  Array.from({ length: count }, (_, at) => ({
    id: at + 1,
    type: 'PrimitiveString',
    pos: [80 + at * 320, 120 + at * 80],
    size: [240, 120],
    inputs: [],
    outputs: [{ name: 'STRING', type: 'STRING', links: at === 0 ? [1] : null }],
    widgets_values: [`text ${at + 1}`],
  }))

/** Two texts and a node that shows the first. */
const chain = {
  version: 0.4,
  last_node_id: 3,
  last_link_id: 1,
  nodes: [
    ...texts(2),
    {
      id: 3,
      type: 'PreviewAny',
      pos: [760, 260],
      size: [240, 160],
      inputs: [{ name: 'source', type: '*', link: 1 }],
      outputs: [],
      widgets_values: [],
    },
  ],
  links: [[1, 1, 0, 3, 0, 'STRING']],
  groups: [],
}

/** What an act does is one step of undo, back and forth. */
async function oneStep(page: Page, act: () => Promise<void>): Promise<Workflow> {
  const before = await graphText(page)
  await act()
  const after = await graphText(page)
  expect(after).not.toBe(before)
  await page.keyboard.press('Control+z')
  expect(await graphText(page)).toBe(before)
  await page.keyboard.press('Control+y')
  expect(await graphText(page)).toBe(after)
  return JSON.parse(after) as Workflow
}

const nodeOf = (made: Workflow, id: number) => {
  const node = made.nodes.find(candidate => candidate.id === id)
  if (!node) throw new Error(`There is no node ${id}.`)
  return node
}

async function choose(page: Page, at: { x: number; y: number }, item: string): Promise<void> {
  await page.mouse.click(at.x, at.y, { button: 'right' })
  await page.getByRole('menuitem', { name: new RegExp(`^${item}`) }).click()
}

async function select(page: Page, ...ids: number[]): Promise<void> {
  for (const [index, id] of ids.entries()) {
    const at = await place(page, id, 'title')
    if (index === 1) await page.keyboard.down('Shift')
    await page.mouse.click(at.x, at.y)
  }
  await page.keyboard.up('Shift')
}

test('nodes are duplicated by Alt and dragging, distributed, snapped, resized and collapsed, each in one step', async () => {
  const page = await stage.visit({ empty: true })
  await openGraph(page, chain)
  await select(page, 1, 3)
  const title = await place(page, 3, 'title')
  const copied = await oneStep(page, async () => {
    await page.keyboard.down('Alt')
    await drag(page, title, { x: title.x + 30, y: title.y + 200 })
    await page.keyboard.up('Alt')
  })
  expect(copied.nodes.map(node => node.type)).toEqual([
    'PrimitiveString',
    'PrimitiveString',
    'PreviewAny',
    'PrimitiveString',
    'PreviewAny',
  ])
  expect(copied.links.map(([, from, , to, , type]) => [from, to, type])).toEqual([
    [1, 3, 'STRING'],
    [4, 5, 'STRING'],
  ])
  expect(nodeOf(copied, 3).pos).toEqual([760, 260])
  expect(nodeOf(copied, 5).pos).toEqual([790, 460])

  await select(page, 1, 2, 3)
  const spread = await oneStep(page, async () =>
    choose(page, await place(page, 2, 'title'), 'Distribute down'),
  )
  const [top, middle, bottom] = [1, 2, 3].map(id => nodeOf(spread, id))
  const end = (node: typeof top) => Number(node?.pos[1]) + Number(node?.size[1])
  expect(Number(middle?.pos[1]) - end(top)).toBeCloseTo(Number(bottom?.pos[1]) - end(middle), 0)

  await page.getByRole('button', { name: 'Snap to the grid' }).click()
  await page.mouse.click(100, 700)
  const from = await place(page, 2, 'title')
  const snapped = await oneStep(page, () => drag(page, from, { x: from.x + 31, y: from.y - 77 }))
  expect(nodeOf(snapped, 2).pos.map(value => value % 12)).toEqual([0, 0])
  await page.getByRole('button', { name: 'Snap to the grid' }).click()

  const { pos, size } = nodeOf(snapped, 2)
  const corner = await toPage(page, pos[0] + size[0] - 3, pos[1] + size[1] - 3)
  const resized = await oneStep(page, () => drag(page, corner, { x: corner.x + 61, y: corner.y + 40 }))
  expect(nodeOf(resized, 2).size).toEqual([size[0] + 61, size[1] + 40])

  const dot = await toPage(page, pos[0] + 15, pos[1] - 15)
  await oneStep(page, () => page.mouse.click(dot.x, dot.y))

  // A reroute is put on a link with Alt, moves, and is copied with the nodes at its ends.
  const link = (await graph(page)).links[0]
  expect(link?.slice(1, 4)).toEqual([1, 0, 3])
  const start = await place(page, 1, { output: 0 })
  const goal = await place(page, 3, { input: 'source' })
  const rerouted = await oneStep(page, async () => {
    await page.keyboard.down('Alt')
    await page.mouse.click((start.x + goal.x) / 2, (start.y + goal.y) / 2)
    await page.keyboard.up('Alt')
  })
  expect(rerouted.extra?.reroutes).toHaveLength(1)
  await page.mouse.click(100, 700)
  await select(page, 1, 3)
  const both = await oneStep(page, () => page.keyboard.press('Control+d'))
  expect(both.extra?.reroutes).toHaveLength(2)
})

test('groups are named, moved with what they hold, fitted, coloured, copied between tabs and deleted', async () => {
  const page = await stage.visit({ empty: true })
  await openGraph(page, chain)
  await select(page, 1, 2)
  const grouped = await oneStep(page, () => page.keyboard.press('Control+g'))
  const [left = 0, top = 0] = grouped.groups[0]?.bounding ?? []
  const title = await toPage(page, left + 60, top + 16)
  // A group that alone is chosen stands for what lies in it.
  await page.mouse.click(title.x, title.y)
  const bypassed = await oneStep(page, () => page.keyboard.press('Control+b'))
  expect([1, 2].map(id => nodeOf(bypassed, id).mode)).toEqual([4, 4])
  await page.keyboard.press('Control+z')
  await page.mouse.click(100, 700)
  const named = await oneStep(page, async () => {
    await page.mouse.dblclick(title.x, title.y, { delay: 5 })
    await page.locator('.inline-input').fill('Two texts')
    await page.keyboard.press('Enter')
  })
  expect(named.groups[0]?.title).toBe('Two texts')
  const moved = await oneStep(page, () => drag(page, title, { x: title.x + 40, y: title.y + 150 }))
  expect(nodeOf(moved, 1).pos).toEqual([120, 270])
  expect(nodeOf(moved, 3).pos).toEqual([760, 260])
  const moved2 = { x: title.x + 40, y: title.y + 150 }
  const coloured = await oneStep(page, () => choose(page, moved2, 'Colour: green'))
  expect(coloured.groups[0]?.color).not.toBe(moved.groups[0]?.color)
  // A node leaves; the frame follows what is left.
  const second = await place(page, 2, 'title')
  await drag(page, second, { x: second.x + 20, y: second.y - 300 })
  const fitted = await oneStep(page, () => choose(page, moved2, 'Fit to its contents'))
  expect(fitted.groups[0]?.bounding[2]).toBe(280)
  // The same group with its node in another tab.
  // Elsewhere first: right and left at one place would count as a double click.
  await page.mouse.click(100, 700)
  await page.mouse.click(moved2.x, moved2.y)
  await page.keyboard.down('Shift')
  const first = await place(page, 1, 'title')
  await page.mouse.click(first.x, first.y)
  await page.keyboard.up('Shift')
  await page.keyboard.press('Control+c')
  const next = await stage.another(page)
  await next.getByRole('button', { name: 'New workflow' }).click()
  await next.mouse.click(300, 300)
  const pasted = await oneStep(next, () => next.keyboard.press('Control+v'))
  expect(pasted.groups.map(group => group.title)).toEqual(['Two texts'])
  expect(pasted.nodes).toHaveLength(1)
  const [x = 0, y = 0, width = 0] = pasted.groups[0]?.bounding ?? []
  expect(pasted.nodes[0]?.pos[0]).toBeGreaterThan(x)
  expect(pasted.nodes[0]?.pos[0]).toBeLessThan(x + width)
  expect(pasted.nodes[0]?.pos[1]).toBeGreaterThan(y)
  await page.bringToFront()
  // Ctrl+V leaves links from outside behind, Ctrl+Shift+V brings them along.
  await select(page, 3)
  await page.keyboard.press('Control+c')
  await page.mouse.click(100, 700)
  expect((await oneStep(page, () => page.keyboard.press('Control+v'))).links).toHaveLength(1)
  await page.keyboard.press('Control+z')
  const joined = await oneStep(page, () => page.keyboard.press('Control+Shift+V'))
  expect(joined.links.map(([, from]) => from)).toEqual([1, 1])
  await page.keyboard.press('Control+z')
  const alone = await oneStep(page, () => choose(page, moved2, 'Dissolve the group'))
  expect(alone.nodes).toHaveLength(3)
  await page.keyboard.press('Control+z')
  const gone = await oneStep(page, () => choose(page, moved2, 'Delete with its contents'))
  expect(gone.groups).toEqual([])
  expect(gone.nodes.map(node => node.id)).toEqual([2, 3])
})

test('values are typed, stepped and switched by keyboard alone, also in a page that is not secure', async () => {
  const page = await stage.visit({ empty: true, isInsecure: true })
  await openGraph(page, {
    version: 0.4,
    nodes: [
      {
        id: 1,
        type: 'RH_ExecuteNode',
        pos: [80, 100],
        size: [320, 300],
        inputs: [],
        outputs: [],
        widgets_values: [600, 1, false, false],
      },
      {
        id: 2,
        type: 'PrimitiveStringMultiline',
        pos: [480, 100],
        size: [320, 160],
        inputs: [],
        outputs: [],
        widgets_values: ['first'],
      },
    ],
    links: [],
  })
  await select(page, 1)
  const values = async () => (await graph(page)).nodes[0]?.widgets_values
  await page.keyboard.press('Tab')
  // However long an arrow is held, it is one step of undo.
  const stepped = await oneStep(page, async () => {
    await page.keyboard.down('ArrowUp')
    await page.keyboard.down('ArrowUp')
    await page.keyboard.down('ArrowUp')
    await page.keyboard.up('ArrowUp')
  })
  expect(nodeOf(stepped, 1).widgets_values?.[0]).toBe(603)
  await page.keyboard.press('Enter')
  await page.locator('.inline-input').fill('750')
  await page.keyboard.press('Tab')
  await page.keyboard.press('3')
  await page.locator('.inline-input').waitFor()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  await page.keyboard.press(' ')
  await page.keyboard.press('Tab')
  await page.keyboard.press('ArrowRight')
  expect(await values()).toEqual([750, 3, true, true])

  await page.keyboard.press('Shift+Tab')
  await page.keyboard.press(' ')
  expect(await values()).toEqual([750, 3, false, true])
  // A pointer that rests is told what a slot is.
  const slot = await place(page, 1, { input: 'apiConfig' })
  await page.mouse.move(slot.x + 1, slot.y)
  await page.getByRole('tooltip').getByText('apiConfig · STRUCT').waitFor()
  await page.keyboard.press('Shift')
  await page.getByRole('tooltip').waitFor({ state: 'hidden' })
  // Past the last widget Tab leaves the canvas.
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  expect(await page.evaluate(() => document.activeElement?.tagName)).not.toBe('CANVAS')
  await select(page, 2)
  await page.keyboard.press('Tab')
  await page.keyboard.press('Control+a')
  await page.keyboard.type('typed')
  await page.keyboard.press('Escape')
  expect(nodeOf(await graph(page), 2).widgets_values).toEqual(['typed'])
})

test('the view is moved and zoomed by wheel, trackpad, fingers and minimap', async () => {
  const page = await stage.visit({ empty: true })
  await openGraph(page, chain)
  const client = await page.context().newCDPSession(page)
  const title = () => place(page, 1, 'title')
  const zoomed = async (act: () => Promise<unknown>) => {
    const [a, b] = [await toPage(page, 0, 0), await toPage(page, 100, 0)]
    await act()
    const [c, d] = [await toPage(page, 0, 0), await toPage(page, 100, 0)]
    return { scale: (d.x - c.x) / (b.x - a.x), x: c.x - a.x, y: c.y - a.y }
  }
  const wheel = (more: Record<string, number>) =>
    client.send('Input.dispatchMouseEvent', {
      type: 'mouseWheel',
      x: 640,
      y: 400,
      deltaX: 0,
      deltaY: 0,
      ...more,
    })
  await page.mouse.move(640, 400)
  expect((await zoomed(() => wheel({ deltaY: -120 }))).scale).toBeCloseTo(1.1, 2)
  await page.waitForTimeout(450)
  const panned = await zoomed(() => wheel({ deltaX: 30, deltaY: 20 }))
  expect([panned.scale, panned.x, panned.y].map(value => Math.round(value))).toEqual([1, -30, -20])
  const pinched = await zoomed(() => wheel({ deltaY: -20, modifiers: 2 }))
  expect(pinched.scale).toBeCloseTo(Math.exp(0.2), 2)

  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...points: [number, number][]) =>
    client.send('Input.dispatchTouchEvent', {
      type,
      touchPoints: points.map(([x, y], id) => ({ x, y, id })),
    })
  await client.send('Emulation.setTouchEmulationEnabled', { enabled: true, maxTouchPoints: 2 })
  const spread = await zoomed(async () => {
    await touch('touchStart', [500, 600])
    await touch('touchStart', [500, 600], [600, 600])
    await touch('touchMove', [450, 600], [650, 600])
    await touch('touchEnd')
  })
  expect(spread.scale).toBeCloseTo(2, 1)
  const moved = await zoomed(async () => {
    await touch('touchStart', [500, 600])
    await touch('touchStart', [500, 600], [600, 600])
    await touch('touchMove', [400, 500], [500, 500])
    await touch('touchEnd')
  })
  expect([moved.scale, moved.x, moved.y].map(value => Math.round(value))).toEqual([1, -100, -100])
  const before = await graphText(page)
  expect(before).toBe(JSON.stringify(chain))
  await page.keyboard.press('.')
  // One finger held still on a node opens its menu; one that moves drags the node.
  const held = await title()
  await touch('touchStart', [held.x, held.y])
  await page.getByRole('menuitem', { name: 'Rename' }).waitFor()
  await touch('touchEnd')
  await page.keyboard.press('Escape')
  const dragged = await oneStep(page, async () => {
    await touch('touchStart', [held.x, held.y])
    await touch('touchMove', [held.x + 20, held.y + 30])
    await touch('touchMove', [held.x + 40, held.y + 60])
    await touch('touchEnd')
  })
  expect(nodeOf(dragged, 1).pos).toEqual([120, 180])

  await page.keyboard.press('Alt+Shift+M')
  const map = await page.locator('.minimap').boundingBox()
  if (!map) throw new Error('no minimap')
  const travelled = await zoomed(() =>
    drag(page, { x: map.x + 100, y: map.y + 65 }, { x: map.x + 130, y: map.y + 65 }),
  )
  expect(travelled.x).toBeLessThan(-50)
  expect(travelled.scale).toBe(1)
})

test('one node is run, made anew with Shift, frozen and let go, and stopped alone', async () => {
  const page = await stage.visit()
  const lastRun = async () =>
    (await page.evaluate(() => fetch('/bridge/runs?limit=1').then(answer => answer.json()))).runs[0]
  const state = async () => (await lastRun()).id
  const nodes = async () => {
    const id = await state()
    const details = await page.evaluate(run => fetch(`/bridge/runs/${run}`).then(answer => answer.json()), id)
    return Object.fromEntries(
      details.nodes.map((node: { nodeId: string; state: string }) => [node.nodeId, node.state]),
    )
  }
  const sign = async () => {
    const { x, y } = await place(page, 4, 'title')
    const { pos, size } = nodeOf(await graph(page), 4)
    const end = await toPage(page, pos[0] + size[0], pos[1])
    await page.mouse.move(x, y)
    return { x: end.x - 12, y }
  }
  const ended = () => page.locator('.status-notice', { hasText: /Done in|reused/ }).waitFor()
  const menu = await place(page, 4, 'title')
  const at = await sign()
  await page.mouse.click(at.x, at.y)
  await ended()
  expect((await nodes())['4']).toBe('done')
  const first = await state()
  await page.keyboard.down('Shift')
  await page.mouse.click(at.x, at.y)
  await page.keyboard.up('Shift')
  await expect.poll(state).not.toBe(first)
  await expect.poll(async () => (await nodes())['4']).toBe('done')
  await ended()
  await oneStep(page, () =>
    choose(page, menu, 'Freeze the result').then(() => page.getByText('Frozen: ').waitFor()),
  )
  expect(await graphText(page)).toContain('"rh_frozen":"pin-')
  // Whatever is asked of it, the frozen node is not run again; the nodes after it are.
  await choose(page, await place(page, 5, 'title'), 'Run it anew')
  await expect.poll(async () => (await nodes())['5']).toBe('done')
  expect((await nodes())['4']).toBe('cached')
  await oneStep(page, () => choose(page, menu, 'Let the result go'))
  expect(await graphText(page)).not.toContain('rh_frozen')
  await typeInto(page, 1, 'workflowId_webappId', endlessId)
  await page.mouse.move(menu.x, menu.y)
  await run(page)
  await expect.poll(async () => (await lastRun()).tasks[0]?.status).toMatch(/created|queued|running/)
  await page.mouse.click(at.x, at.y)
  await page.locator('.status-notice', { hasText: /^Stopped$/ }).waitFor()
  expect((await nodes())['5']).toBe('not run')
})

const virtual = {
  version: 0.4,
  last_node_id: 8,
  last_link_id: 5,
  nodes: [
    {
      id: 1,
      type: 'MarkdownNote',
      pos: [60, 60],
      size: [320, 220],
      inputs: [],
      outputs: [],
      widgets_values: [
        '# How it works\n\nWrite a **prompt**, then _run_. See [the site](https://example.com) <img src=x onerror=alert(1)>\n\n- one\n- `two`\n\n> quoted',
      ],
    },
    {
      id: 2,
      type: 'PrimitiveStringMultiline',
      pos: [60, 340],
      size: [320, 140],
      inputs: [],
      outputs: [{ name: 'STRING', type: 'STRING', links: [1] }],
      widgets_values: ['through a name'],
    },
    {
      id: 3,
      type: 'Reroute',
      pos: [440, 380],
      size: [75, 26],
      inputs: [{ name: '', type: '*', link: 1 }],
      outputs: [{ name: '', type: 'STRING', links: [2] }],
      properties: { showOutputText: false, horizontal: false },
    },
    {
      id: 4,
      type: 'SetNode',
      title: 'Set_words',
      pos: [560, 360],
      size: [210, 60],
      inputs: [{ name: 'STRING', type: 'STRING', link: 2 }],
      outputs: [{ name: '*', type: '*', links: null }],
      properties: { previousName: 'words' },
      widgets_values: ['words'],
    },
    {
      id: 5,
      type: 'GetNode',
      title: 'Get_words',
      pos: [440, 160],
      size: [210, 60],
      inputs: [],
      outputs: [{ name: 'STRING', type: 'STRING', links: [3] }],
      properties: {},
      widgets_values: ['words'],
    },
    {
      id: 6,
      type: 'PreviewAny',
      pos: [720, 100],
      size: [260, 180],
      inputs: [{ name: 'source', type: '*', link: 3 }],
      outputs: [],
    },
    {
      id: 7,
      type: 'Bookmark (rgthree)',
      pos: [840, 340],
      size: [160, 80],
      inputs: [],
      outputs: [],
      widgets_values: ['1', 1],
    },
  ],
  links: [
    [1, 2, 0, 3, 0, 'STRING'],
    [2, 3, 0, 4, 0, 'STRING'],
    [3, 5, 0, 6, 0, 'STRING'],
  ],
  groups: [],
}

test('notes read as they are meant, and links run through Reroute, Set and Get', async () => {
  const page = await stage.visit({ empty: true })
  await openGraph(page, virtual)
  expect(await graphText(page)).toBe(JSON.stringify(virtual))
  const note = page.locator('.node-markdown')
  await note.getByRole('heading', { name: 'How it works' }).waitFor()
  expect(await note.locator('strong').textContent()).toBe('prompt')
  expect(await note.locator('li').count()).toBe(2)
  // What a file says is text, never a page's own elements.
  expect(await note.locator('img').count()).toBe(0)
  await run(page)
  await page.locator('.result-text', { hasText: 'through a name' }).waitFor()
  const written = await oneStep(page, async () => {
    await note.dblclick()
    await page.locator('.node-textarea:focus').fill('## Two\n\n1. first')
    await page.keyboard.press('Escape')
  })
  expect(nodeOf(written, 1).widgets_values).toEqual(['## Two\n\n1. first'])
  await note.getByRole('heading', { name: 'Two' }).waitFor()

  // A Primitive takes after the widget it is joined to; a Get after the Set whose name it is given.
  const primitive = await addBySearch(page, { x: 240, y: 670 }, 'PrimitiveNode')
  const target = await addBySearch(page, { x: 600, y: 640 }, 'RH_ExtractImage')
  await drag(
    page,
    await place(page, primitive, { output: 0 }),
    await place(page, target, { input: 'image_index' }),
  )
  const value = await place(page, primitive, { widget: 'value' })
  await drag(page, value, { x: value.x + 30, y: value.y })
  const joined = await graph(page)
  expect(nodeOf(joined, Number(primitive)).widgets_values).toEqual([5, 'fixed'])
  expect(joined.links.at(-1)?.[5]).toBe('INT')
  // A row of sockets grows as it is used, and shrinks.
  const list = await addBySearch(page, { x: 1080, y: 120 }, 'CreateList')
  const sockets = async () =>
    nodeOf(await graph(page), Number(list)).inputs?.map(input => input.name.split('.').at(-1))
  expect(await sockets()).toEqual(['input0'])
  await drag(page, await place(page, 5, { output: 0 }), await place(page, list, { input: 'inputs.input0' }))
  expect(await sockets()).toEqual(['input0', 'input1'])
  await page.keyboard.press('Control+z')
  expect(await sockets()).toEqual(['input0'])
  const get = await addBySearch(page, { x: 960, y: 640 }, 'GetNode')
  const name = await place(page, get, { widget: 'Constant' })
  await page.mouse.click(name.x, name.y)
  await page.getByRole('button', { name: 'words' }).click()
  const named = nodeOf(await graph(page), Number(get)) as unknown as { outputs: { type: string }[] }
  expect(named.outputs[0]?.type).toBe('STRING')
})
