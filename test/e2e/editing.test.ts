import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  addBySearch,
  createStage,
  doubleClick,
  drag,
  graph,
  graphText,
  openGraph,
  place,
  run,
  type Stage,
  typeInto,
} from './support.ts'

let stage: Stage
beforeAll(async () => {
  stage = await createStage()
})
afterAll(() => stage.close())

test('rh_text_to_image is built from an empty canvas by search and drag, and runs', async () => {
  const page = await stage.visit({ empty: true })
  const settings = await addBySearch(page, { x: 120, y: 180 }, 'rh settings')
  const info = await addBySearch(page, { x: 120, y: 400 }, 'node info')
  const execute = await addBySearch(page, { x: 480, y: 180 }, 'RH_ExecuteNode')
  await typeInto(page, settings, 'workflowId_webappId', '2016195556967714818')
  await typeInto(page, info, 'nodeId', '6')
  await typeInto(page, info, 'fieldName', 'text')
  await typeInto(page, info, 'fieldValue', 'a lighthouse')
  await drag(
    page,
    await place(page, settings, { output: 0 }),
    await place(page, execute, { input: 'apiConfig' }),
  )
  await drag(
    page,
    await place(page, info, { output: 0 }),
    await place(page, execute, { input: 'nodeInfoList' }),
  )
  // A link let go in empty space asks what should take it.
  const images = await place(page, execute, { output: 0 })
  await drag(page, images, { x: images.x + 90, y: images.y + 10 })
  await page.getByText('Nodes that take IMAGE').waitFor()
  await page.getByRole('searchbox').fill('save image')
  await page.keyboard.press('Enter')
  const made = await graph(page)
  expect(made.nodes.map(node => node.type)).toEqual([
    'RH_SettingsNode',
    'RH_NodeInfoListNode',
    'RH_ExecuteNode',
    'SaveImage',
  ])
  expect(made.links).toHaveLength(3)
  await run(page)
  await page.locator('.result-picture img').first().waitFor()
})

test('nodes are found by Chinese name, pinyin initials, category and type', async () => {
  const page = await stage.visit({ empty: true })
  for (const [index, query] of ['加载图像', 'jztx', 'LoadImage', 'load im'].entries()) {
    const before = (await graph(page)).nodes.length
    // A place of its own each: faster than any hand, two double clicks at one place would count as four clicks.
    await doubleClick(page, 200 + 260 * index, 160 + 110 * index)
    const field = page.getByRole('searchbox')
    await field.fill(query)
    await page.locator('.picker-item.is-marked', { hasText: 'Load Image' }).waitFor()
    await page.keyboard.press('Enter')
    const { nodes } = await graph(page)
    expect(nodes).toHaveLength(before + 1)
    expect(nodes.at(-1)?.type).toBe('LoadImage')
  }
})

test('two hundred edits are undone to the identical graph and redone to the identical end', async () => {
  const page = await stage.visit()
  const start = await graphText(page)
  let seed = 42
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((seed / 2_147_483_648) * below)
  }
  const steps: (() => Promise<void>)[] = [
    async () => {
      const { nodes } = await graph(page)
      const node = nodes[random(nodes.length)]
      if (!node) return
      const at = await place(page, node.id, 'title')
      await drag(page, at, { x: at.x + random(80) - 40, y: at.y + random(60) - 30 }, 1)
    },
    () => page.keyboard.press('Control+m'),
    () => page.keyboard.press('Control+b'),
    () => page.keyboard.press('Control+d'),
    () => page.keyboard.press('Alt+c'),
    () => page.keyboard.press('Control+g'),
    () => page.keyboard.press('Delete'),
  ]
  const weights = [0, 0, 0, 0, 1, 2, 3, 3, 4, 5]
  for (let at = 0; at < 200; at++) {
    // Now and then something is deleted; more often there would soon be nothing to edit.
    const step = at % 25 === 24 ? steps[6] : steps[weights[random(weights.length)] ?? 0]
    await step?.()
  }
  const end = await graphText(page)
  expect(end).not.toBe(start)
  const undo = page.getByRole('button', { name: 'Undo' })
  let undone = 0
  while (await undo.isEnabled()) {
    await page.keyboard.press('Control+z')
    undone++
    if (undone > 400) break
  }
  expect(undone).toBeGreaterThan(50)
  expect(await graphText(page)).toBe(start)
  const redo = page.getByRole('button', { name: 'Redo' })
  while (await redo.isEnabled()) await page.keyboard.press('Control+y')
  expect(await graphText(page)).toBe(end)
}, 180_000)

test('a part of a graph is copied into another tab with its links', async () => {
  const page = await stage.visit()
  await page.mouse.click(700, 200)
  await page.keyboard.press('Control+a')
  await page.keyboard.press('Control+c')
  const next = await stage.another(page)
  await next.getByRole('button', { name: 'New workflow' }).click()
  await next.mouse.click(300, 300)
  await next.keyboard.press('Control+v')
  const copied = await graph(next)
  const source = await graph(page)
  expect(copied.nodes.map(node => node.type).sort()).toEqual(source.nodes.map(node => node.type).sort())
  expect(copied.links).toHaveLength(source.links.length)
})

test('a 64-bit seed is typed, saved, opened and run exactly', async () => {
  const page = await stage.visit({ empty: true })
  const number = await addBySearch(page, { x: 150, y: 200 }, 'PrimitiveInt')
  await typeInto(page, number, 'value', '9223372036854775807')
  const at = await place(page, number, { output: 0 })
  await drag(page, at, { x: at.x + 120, y: at.y })
  await page.getByRole('searchbox').fill('preview as text')
  await page.keyboard.press('Enter')
  expect(await graphText(page)).toContain('9223372036854775807')
  await page.keyboard.press('Control+s')
  await page.getByRole('dialog').getByRole('textbox').fill('seed')
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await page.locator('.status-notice', { hasText: 'Saved as seed.json' }).waitFor()
  await page.reload()
  await page.waitForFunction(() => 'rhBridge' in window)
  await page.locator('.tab-name', { hasText: 'seed' }).waitFor()
  expect(await graphText(page)).toContain('9223372036854775807')
  await run(page)
  await page.locator('.result-text', { hasText: '9223372036854775807' }).waitFor()
})

test('control_after_generate moves a seed on after queueing, never before', async () => {
  const page = await stage.visit({ empty: true })
  const id = await addBySearch(page, { x: 150, y: 200 }, 'PrimitiveInt')
  await typeInto(page, id, 'value', '18014398509481983')
  const control = await place(page, id, { widget: 'control_after_generate' })
  await page.mouse.click(control.x, control.y)
  await page.getByRole('button', { name: 'increment' }).click()
  const at = await place(page, id, { output: 0 })
  await drag(page, at, { x: at.x + 120, y: at.y })
  await page.getByRole('searchbox').fill('preview as text')
  await page.keyboard.press('Enter')
  await run(page)
  await page.locator('.result-text', { hasText: '18014398509481983' }).waitFor()
  expect(await graphText(page)).toContain('[18014398509481984,"increment"]')
})

test('another choice of a combo brings its own values, each once, back and forth, and runs', async () => {
  const page = await stage.visit({ empty: true })
  const slot = (name: string, link: number | null) => ({ name, type: 'IMAGE', link })
  const nodes = [
    {
      id: 1,
      type: 'EmptyImage',
      widgets_values: [64, 32, 1, 255],
      outputs: [{ name: 'IMAGE', type: 'IMAGE' }],
    },
    {
      ...{ id: 2, type: 'ResizeImageMaskNode', inputs: [slot('input', 1)] },
      ...{
        outputs: [{ name: 'resized', type: '*' }],
        widgets_values: ['scale longer dimension', 32, 'area'],
      },
    },
    { id: 3, type: 'PreviewImage', inputs: [slot('images', 2)] },
  ]
  const links = [
    [1, 1, 0, 2, 0, 'IMAGE'],
    [2, 2, 0, 3, 0, 'IMAGE'],
  ]
  const placed = nodes.map((node, at) => ({ ...node, pos: [40 + at * 380, 120], size: [300, 126] }))
  await openGraph(page, { version: 0.4, nodes: placed, links })
  const choose = async (option: string) => {
    const combo = await place(page, 2, { widget: 'resize_type' })
    await page.mouse.click(combo.x, combo.y)
    await page.getByRole('button', { name: option }).click()
    const node = (await graph(page)).nodes.find(({ id }) => id === 2)
    return {
      values: node?.widgets_values,
      height: node?.size[1],
      inputs: node?.inputs?.map(({ name }) => name),
    }
  }
  expect(await choose('scale dimensions')).toMatchObject({
    values: ['scale dimensions', 512, 512, 'center', 'area'],
    inputs: [
      'input',
      'resize_type',
      ...['width', 'height', 'crop'].map(name => `resize_type.${name}`),
      'scale_method',
    ],
  })
  expect(await choose('scale by multiplier')).toEqual({
    values: ['scale by multiplier', 1, 'area'],
    height: 126,
    inputs: ['input', 'resize_type', 'resize_type.multiplier', 'scale_method'],
  })
  await page.keyboard.press('Control+z')
  expect((await graph(page)).nodes[1]?.widgets_values).toEqual([
    'scale dimensions',
    512,
    512,
    'center',
    'area',
  ])
  await run(page)
  await page.locator('.result-picture img').waitFor()
  const width = () =>
    page.locator('.result-picture img').evaluate(img => (img as HTMLImageElement).naturalWidth)
  await expect.poll(width).toBeGreaterThan(0)
})

test('a part becomes a subgraph, runs, and undo brings the same graph back', async () => {
  const page = await stage.visit()
  const before = await graphText(page)
  for (const id of [2, 3]) {
    const at = await place(page, id, 'title')
    if (id === 3) await page.keyboard.down('Shift')
    await page.mouse.click(at.x, at.y)
  }
  await page.keyboard.up('Shift')
  await page.keyboard.press('Control+Shift+E')
  expect((await graph(page)).nodes).toHaveLength(6)
  await run(page)
  await page.locator('.result-picture img').first().waitFor()
  await page.keyboard.press('Control+z')
  expect(await graphText(page)).toBe(before)
})

test('old Primitive nodes keep their values and their type when changed', async () => {
  const page = await stage.visit({ empty: true })
  const file = {
    version: 0.4,
    nodes: [
      {
        id: 1,
        type: 'PrimitiveNode',
        pos: [60, 60],
        size: [240, 90],
        inputs: [],
        outputs: [{ name: 'INT', type: 'INT', links: [5], widget: { name: 'image_index' } }],
        properties: { 'Run widget replace on values': false },
        widgets_values: [2, 'fixed'],
      },
      {
        id: 2,
        type: 'RH_ExtractImage',
        pos: [400, 60],
        size: [260, 90],
        inputs: [{ name: 'image_index', type: 'INT', link: 5, widget: { name: 'image_index' } }],
        outputs: [],
        widgets_values: [0],
      },
    ],
    links: [[5, 1, 0, 2, 0, 'INT']],
  }
  await page.evaluate(
    text =>
      (globalThis as unknown as { rhBridge: { openText(a: string, b: string): unknown } }).rhBridge.openText(
        text,
        'p',
      ),
    JSON.stringify(file),
  )
  expect(await graphText(page)).toBe(JSON.stringify(file))
  await typeInto(page, 1, 'value', '3')
  const [primitive] = (await graph(page)).nodes
  expect(primitive?.widgets_values).toEqual([3, 'fixed'])
})

test('the same workflow in two tabs warns', async () => {
  const page = await stage.visit()
  await page.keyboard.press('Control+s')
  await page.getByRole('dialog').getByRole('textbox').fill('shared')
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await page.locator('.status-notice', { hasText: 'Saved as shared.json' }).waitFor()
  const next = await stage.another(page)
  await next.getByRole('button', { name: 'Workflows' }).click()
  await next.getByRole('button', { name: 'shared', exact: true }).first().click()
  await next.getByText('is open in another tab').waitFor()
})
