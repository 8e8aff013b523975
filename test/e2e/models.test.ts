import { afterAll, beforeAll, expect, test } from 'vitest'
import { publicRegistry } from '../support/model-registry.ts'
import { addBySearch, createStage, graph, type Stage } from './support.ts'

let stage: Stage
beforeAll(async () => {
  stage = await createStage()
})
afterAll(() => stage.close())

test('a registry is added in the settings: its models are found, stand on the canvas and are gone with it', async () => {
  const page = await stage.visit({ empty: true, expects: /400/ })
  await page.getByRole('button', { name: 'Settings', exact: true }).click()
  const settings = page.getByRole('complementary', { name: 'Settings' })
  await settings.getByText('Shipped with rh-bridge').waitFor()
  const { models } = publicRegistry()
  const file = { models: [...models, { class_name: 'Broken' }] }
  await settings.locator('input[type=file]').setInputFiles({
    name: 'public.json',
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify(file)),
  })
  await settings.getByText('Added public: 299 models are nodes now.').waitFor()
  await settings.getByText('300. Broken: endpoint is missing').waitFor()
  await page.getByRole('button', { name: 'Close the panel' }).click()
  await addBySearch(page, { x: 700, y: 180 }, 'maker-7/to-video')
  const [node] = (await graph(page)).nodes
  expect(node?.type).toBe('RH_Maker7Tovideo')
  await page.getByRole('button', { name: 'Settings', exact: true }).click()
  await settings.getByRole('button', { name: 'Remove the registry public' }).click()
  await page.locator('.status-notice', { hasText: 'The registry public is gone' }).waitFor()
  await settings.getByLabel('Address (empty: choose a file)').fill('http://127.0.0.1:1/x.json')
  await settings.getByRole('button', { name: 'Add a registry' }).click()
  await settings.getByRole('alert').getByText('cannot be fetched').waitFor()
})
