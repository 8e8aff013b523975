import { afterAll, beforeAll, expect, test } from 'vitest'
import { violations } from './axe.ts'
import { createStage, graph, graphText, openGraph, place, type Stage, shot } from './support.ts'

let stage: Stage
beforeAll(async () => {
  stage = await createStage({ speed: 20 })
})
afterAll(() => stage.close())

const appLink = 'https://www.runninghub.cn/ai-detail/1877265245566922753'

test('from the pasted link of an AI app to a finished picture in four clicks', async () => {
  const page = await stage.visit()
  await page.evaluate(text => navigator.clipboard.writeText(text), appLink)
  let clicks = 0
  const click = async (name: string) => {
    await page.getByRole('button', { name, exact: true }).click()
    clicks++
  }
  await page
    .locator('.canvas-root canvas')
    .first()
    .click({ position: { x: 20, y: 500 } })
  clicks++
  await page.keyboard.press('Control+v')
  const card = page.getByRole('dialog', { name: 'Flux Kontext 单图编辑' })
  await card.waitFor()
  const choice = (name: RegExp) => card.getByRole('checkbox', { name })
  expect(await choice(/Upload image/).isChecked()).toBe(true)
  expect(await choice(/Image editing text/).isChecked()).toBe(true)
  expect(await choice(/Aspect ratio/).isChecked()).toBe(false)
  expect(await violations(page, 'dialog')).toEqual([])
  await shot(page, 'cloud-card')
  await click('Add node')
  await click('Run')
  await page.locator('.result-picture img').first().waitFor()
  expect(clicks).toBeLessThanOrEqual(4)
  await shot(page, 'cloud-node')

  // What it cost is added up, and tells what the next run will.
  await page.getByRole('button', { name: /^\d+ coins · \d+ s$/ }).click()
  const costs = page.getByRole('complementary', { name: 'Costs' })
  await costs.getByLabel('Show by').selectOption('target')
  await costs.getByRole('rowheader', { name: /1877265245566922753/ }).waitFor()
  expect(await costs.getByRole('row').last().getByRole('cell').first().textContent()).toBe('1')
  expect(await violations(page, 'aside, .top-bar')).toEqual([])
  await shot(page, 'costs')
  const csv = await costs.getByRole('link', { name: 'Download as CSV' }).getAttribute('href')
  expect(await (await page.request.get(csv ?? '')).text()).toContain('1877265245566922753')

  const { nodes } = await graph(page)
  expect(nodes.map(node => node.type)).toEqual(['RHB_CloudApp', 'SaveImage'])
  expect(nodes[0]?.widgets_values).toMatchObject({
    target: '1877265245566922753',
    '39.image': 'example.png',
    '52.prompt': '给这个女人的发型变成齐耳短发',
  })
  // Opened again it is the same to the letter.
  const text = await graphText(page)
  await openGraph(page, JSON.parse(text), 'again')
  await page.locator('.tab.is-active', { hasText: 'again' }).waitFor()
  expect(JSON.parse(await graphText(page))).toEqual(JSON.parse(text))

  // Into work that is there, it comes beside it, and one step takes it back.
  const paste = async (pasted: string, x: number) => {
    await page.evaluate(given => navigator.clipboard.writeText(given), pasted)
    await page
      .locator('.canvas-root canvas')
      .first()
      .click({ position: { x, y: 650 } })
    await page.keyboard.press('Control+v')
  }
  const types = async () => (await graph(page)).nodes.map(node => node.type)
  await paste('[{"nodeId":"57:8","fieldName":"text","fieldValue":"a cat"}]', 900)
  await expect.poll(types).toEqual(['RHB_CloudApp', 'SaveImage', 'RH_NodeInfoListNode'])
  expect((await graph(page)).nodes[2]?.widgets_values).toEqual(['57:8', 'text', 'a cat'])
  await page.keyboard.press('Control+z')
  expect(await types()).toEqual(['RHB_CloudApp', 'SaveImage'])
  await paste(appLink, 700)
  await choice(/All 3 fields/).check()
  await click('Add node')
  await expect.poll(types).toEqual(['RHB_CloudApp', 'SaveImage', 'RHB_CloudApp', 'SaveImage'])
  const all = (await graph(page)).nodes[2]
  expect(all?.widgets_values).toMatchObject({ '37.aspect_ratio': 'match_input_image' })
  expect(all?.inputs?.find(({ name }) => name === '39.image')).toMatchObject({ type: 'IMAGE' })
})

test('a wrong field of the classic chain is told before it is paid for, and a button puts it right', async () => {
  const page = await stage.visit({ empty: true, colorScheme: 'light' })
  await page.getByRole('textbox', { name: 'RunningHub link or id' }).fill('2016195556967714818')
  await page.getByRole('button', { name: 'Look' }).click()
  await page.getByRole('button', { name: 'Add as classic chain' }).click()
  await page.locator('.tab.is-active', { hasText: '2016195556967714818' }).waitFor()
  const info = (await graph(page)).nodes.find(node => node.type === 'RH_NodeInfoListNode')
  const id = info?.id ?? 0
  const [, field] = info?.widgets_values ?? []
  const fieldNow = async () => (await graph(page)).nodes.find(node => node.id === id)?.widgets_values?.[1]
  // The fields are offered by name and value, and anything else may be typed.
  const pick = async (widget: string, text: string) => {
    const row = await place(page, id, { widget })
    await page.mouse.click(row.x, row.y)
    await page.getByRole('searchbox').fill(text)
    await page.keyboard.press('Enter')
    await page.getByRole('searchbox').waitFor({ state: 'detached' })
  }
  await pick('nodeId', 'KSampler')
  await pick('fieldName', 'sampler')
  expect((await graph(page)).nodes.find(node => node.id === id)?.widgets_values?.slice(0, 2)).toEqual([
    3,
    'sampler_name',
  ])
  for (let step = 0; step < 2; step++) await page.keyboard.press('Control+z')
  await pick('fieldName', `${String(field)}z`)
  await page.getByRole('button', { name: 'Problems', exact: true }).click()
  const fix = page.getByRole('button', { name: `Set fieldName: ${String(field)}` })
  await fix.waitFor()
  await fix.click()
  await page.getByText('No problems').waitFor()
  expect(await fieldNow()).toBe(field)
  await page.keyboard.press('Control+z')
  expect(await fieldNow()).toBe(`${String(field)}z`)
})

test('an AI app is found by words, with the keyboard alone, and comes in as its link does', async () => {
  const page = await stage.visit({ expects: /502/ })
  await page.getByRole('button', { name: 'Paste a RunningHub link' }).click()
  const dialog = page.getByRole('dialog', { name: 'Paste or find' })
  const words = dialog.getByRole('searchbox', { name: /find an AI app/ })
  await dialog.getByText('Nothing is run or charged').waitFor()
  await words.focus()
  await page.keyboard.type('no such app')
  await dialog.getByText('No AI app matches “no such app”').waitFor()

  const asked = '**/bridge/cloud/apps**'
  const error = { code: 'no-answer', message: 'RunningHub does not answer.', hint: null }
  await page.route(asked, route => route.fulfill({ status: 502, json: { error } }))
  await words.fill('KONTEXT')
  await dialog.getByText('RunningHub does not answer.').waitFor()
  await page.unroute(asked)
  await dialog.getByRole('button', { name: 'Try again' }).click()
  const app = dialog.getByRole('button', { name: /Flux Kontext 单图编辑.*35K runs/ })
  await app.waitFor()
  expect(await dialog.getByRole('status').textContent()).toBe('One app found.')
  expect(await violations(page, 'dialog')).toEqual([])
  await words.focus()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  const card = page.getByRole('dialog', { name: 'Flux Kontext 单图编辑' })
  await card.getByText('1877265245566922753').waitFor()
  expect(await card.getByRole('checkbox', { name: /Upload image/ }).isChecked()).toBe(true)
})
