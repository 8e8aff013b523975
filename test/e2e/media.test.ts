import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeSound, makeVideo } from '../support/make-media.ts'
import { png, textChunk } from '../workflow/support.ts'
import { createStage, dropFile, dropLink, graph, openGraph, place, root, run, type Stage } from './support.ts'

/** The sandbox's id whose results are of every kind. */
const mixedId = '2099100000000000105'

let stage: Stage
beforeAll(async () => {
  stage = await createStage()
})
afterAll(() => stage.close())

const values = async (page: Page, type: string) =>
  (await graph(page)).nodes.filter(node => node.type === type).map(node => node.widgets_values?.[0])

test('results of every kind are seen, heard or fetched in the node', async () => {
  const page = await stage.visit({ empty: true, height: 1000 })
  await openGraph(page, {
    version: 0.4,
    nodes: [
      {
        id: 1,
        type: 'RHB_CloudWorkflow',
        pos: [40, 60],
        size: [320, 460],
        inputs: [],
        outputs: Array.from({ length: 14 }, (_, at) => ({
          name: at === 10 ? 'files' : `${at}`,
          type: at === 10 ? 'FILE' : '*',
          links: at === 10 ? [1] : null,
        })),
        widgets_values: [mixedId, '[]'],
      },
      {
        id: 2,
        type: 'RHB_SaveFiles',
        pos: [420, 60],
        size: [620, 760],
        inputs: [{ name: 'files', type: 'FILE', link: 1 }],
        outputs: [],
        widgets_values: ['RunningHub/%task%/file'],
      },
    ],
    links: [[1, 1, 10, 2, 0, 'FILE']],
  })
  await run(page)
  await page.locator('.result-picture img').first().waitFor()
  const sound = page.locator('.result-list .sound.has-wave').first()
  await sound.waitFor()
  const card = page.locator('.file-card', { hasText: 'GLB' })
  await card.locator('.file-card-size', { hasText: /B|MB/ }).waitFor()
  await page
    .locator('.result-grid video')
    .first()
    .evaluate(async video => {
      const player = video as HTMLVideoElement
      if (player.readyState < 2)
        await new Promise(done => player.addEventListener('loadeddata', done, { once: true }))
      if (!(player.duration > 0)) throw new Error('the video has no length')
    })
  // A sound is played, and jumped in.
  await sound.getByRole('button', { name: 'Play' }).click()
  await sound.getByRole('button', { name: 'Pause' }).click()
  await sound.getByRole('slider').fill('500')
  expect(await sound.locator('.sound-time').textContent()).toMatch(/0:0[0-9] \/ 0:0/)
  const [download] = await Promise.all([page.waitForEvent('download'), card.click()])
  expect(download.suggestedFilename()).toMatch(/\.glb$/)
  // A picture goes onto the clipboard, and into a loader.
  await page.locator('.result-picture').first().click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Copy the picture' }).click()
  await page.locator('.status-notice', { hasText: 'on the clipboard' }).waitFor()
  const types = await page.evaluate(async () =>
    (await navigator.clipboard.read()).flatMap(item => item.types),
  )
  expect(types).toContain('image/png')
  await page.locator('.result-picture').first().click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Load it in a new node' }).click()
  expect((await values(page, 'LoadImage'))[0]).toMatch(/^RunningHub\/.*\[output\]$/)
  await page.locator('.node-medium img').waitFor()
})

test('pictures, videos and sounds come by drop, paste, click and link', async () => {
  const page = await stage.visit({ empty: true, expects: /400|422/ })
  const file = (name: string) => join(stage.dataDir, name)
  const [sound, other] = [file('tone.wav'), file('other.mp3')]
  const [video, second] = [file('clip.mp4'), file('second.mp4')]
  await Promise.all([
    makeSound(sound),
    makeSound(other),
    makeVideo(video, { frames: 5 }),
    makeVideo(second, { frames: 3 }),
  ])
  await dropFile(
    page,
    { name: 'tone.wav', type: 'audio/wav', bytes: await readFile(sound) },
    { x: 200, y: 150 },
  )
  await page.locator('.node-medium .sound.has-wave').waitFor()
  await dropFile(
    page,
    { name: 'clip.mp4', type: 'video/mp4', bytes: await readFile(video) },
    { x: 640, y: 150 },
  )
  await page
    .locator('.node-medium video')
    .evaluate(
      player =>
        (player as HTMLVideoElement).readyState >= 2 ||
        new Promise(done => player.addEventListener('loadeddata', done, { once: true })),
    )
  expect([await values(page, 'LoadAudio'), await values(page, 'LoadVideo')]).toEqual([
    ['tone.wav'],
    ['clip.mp4'],
  ])
  // Onto a node: its file. A file of another kind is not for it.
  const loader = (await graph(page)).nodes.find(node => node.type === 'LoadAudio')
  const at = await place(page, loader?.id ?? 0, 'title')
  await dropFile(
    page,
    { name: 'other.mp3', type: 'audio/mpeg', bytes: await readFile(other) },
    { x: at.x, y: at.y + 40 },
  )
  await expect.poll(() => values(page, 'LoadAudio')).toEqual(['other.mp3'])

  // By click: the picker brings one from the disk.
  const clip = (await graph(page)).nodes.find(node => node.type === 'LoadVideo')
  const row = await place(page, clip?.id ?? 0, { widget: 'file' })
  await page.mouse.click(row.x, row.y)
  await page.locator('.upload-button input').setInputFiles(second)
  await expect.poll(() => values(page, 'LoadVideo')).toEqual(['second.mp4'])

  // A picture is pasted onto the canvas, then another onto the node that is chosen.
  const paste = async (colour: string) => {
    await page.evaluate(async fill => {
      const canvas = new OffscreenCanvas(40, 30)
      const ctx = canvas.getContext('2d')
      if (ctx) ctx.fillStyle = fill
      ctx?.fillRect(0, 0, 40, 30)
      const blob = await canvas.convertToBlob({ type: 'image/png' })
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })])
    }, colour)
    await page.keyboard.press('Control+v')
  }
  await page.mouse.click(200, 620)
  await paste('red')
  await expect.poll(() => values(page, 'LoadImage')).toEqual(['pasted/image.png'])
  await paste('blue')
  await expect.poll(() => values(page, 'LoadImage')).toEqual(['pasted/image (1).png'])

  // A link is fetched by the server, or says why not.
  const picture = await readFile(`${root}examples/input/harbour.png`)
  const site = createServer((request, response) => {
    if (request.url === '/harbour.png') response.writeHead(200, { 'content-type': 'image/png' }).end(picture)
    else response.writeHead(200, { 'content-type': 'text/html' }).end('<p>')
  })
  await new Promise<void>(done => site.listen(0, '127.0.0.1', done))
  const address = `http://127.0.0.1:${(site.address() as { port: number }).port}`
  await dropLink(page, `${address}/harbour.png`, { x: 900, y: 500 })
  await expect.poll(async () => (await values(page, 'LoadImage')).at(-1)).toBe('harbour.png')
  await dropLink(page, `${address}/page`, { x: 900, y: 500 })
  await page.locator('.status-notice', { hasText: 'The link leads to a web page' }).waitFor()
  site.close()

  // What A1111 made has no graph; its words can be had.
  const parameters = 'a cat, masterpiece\nNegative prompt: blurry\nSteps: 20, Sampler: Euler a'
  const bytes = png([textChunk('parameters', parameters)])
  await dropFile(page, { name: 'cat.png', type: 'image/png', bytes }, { x: 400, y: 560 })
  await page.getByText('was made with A1111').waitFor()
  await page.getByRole('button', { name: 'Add the prompt' }).click()
  await expect.poll(() => values(page, 'PrimitiveStringMultiline')).toEqual(['a cat, masterpiece', 'blurry'])
})
