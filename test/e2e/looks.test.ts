import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { createSandbox } from '../../server/sandbox/index.ts'
import { violations } from './axe.ts'
import { createStage, doubleClick, dropFile, run, type Stage, shot } from './support.ts'

let stage: Stage
beforeAll(async () => {
  stage = await createStage({ sandbox: 'auto' })
})
afterAll(() => stage.close())

test.each(['dark', 'light'] as const)(
  'axe finds nothing serious in any panel, dialog or menu, %s',
  async colorScheme => {
    const page = await stage.visit({ colorScheme })
    // What fades in has no contrast yet.
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await run(page)
    await page.locator('.result-picture img').nth(3).waitFor()
    expect(await violations(page)).toEqual([])
    for (const name of ['Workflows', 'Nodes', 'Queue', 'Gallery', 'Problems', 'Costs', 'Settings']) {
      await page.getByRole('button', { name, exact: true }).click()
      await page.getByRole('complementary', { name }).waitFor()
      await page.waitForTimeout(200)
      expect(await violations(page), name).toEqual([])
      await page.getByRole('button', { name: 'Fit the view' }).click()
      await page.waitForTimeout(80)
      if (name === 'Gallery' && colorScheme === 'dark') await shot(page, 'gallery')
      if (name === 'Queue' && colorScheme === 'light') await shot(page, 'light')
    }
    await page.keyboard.press('Escape')
    const menu = async (button: string | RegExp, item: string) => {
      await page.getByRole('button', { name: button }).click()
      await page.getByRole('menuitem', { name: item }).click()
    }
    const key = 'abcdef0123456789abcdef0123456789'
    const keyed = { version: 0.4, nodes: [{ id: 1, type: 'RH_SettingsNode', widgets_values: ['', key, ''] }] }
    const unknown = { version: 0.4, nodes: [{ id: 1, type: 'Nobody', widgets_values: [] }], links: [] }
    const drop = (name: string, file: object) =>
      dropFile(page, { name, type: 'application/json', bytes: Buffer.from(JSON.stringify(file)) })
    const openers: Record<string, () => Promise<unknown>> = {
      shortcuts: () => page.getByRole('button', { name: 'Shortcuts' }).click(),
      'workflow menu': () => page.getByRole('button', { name: /Workflow menu/ }).click(),
      'run menu': () => page.getByRole('button', { name: 'More ways to run' }).click(),
      'node search': () => doubleClick(page, 700, 700),
      examples: () => menu(/Workflow menu/, 'Start from an example'),
      name: () => menu(/Workflow menu/, 'Save as'),
      paste: () => menu(/Workflow menu/, 'Paste a link'),
      details: async () => {
        await page.getByRole('button', { name: 'Queue', exact: true }).click()
        await page.getByRole('button', { name: 'Details' }).first().click()
        await page.getByRole('dialog').getByText('Cloud tasks').waitFor()
      },
      'key in a file': async () => {
        await drop('keyed.json', keyed)
        await page.getByRole('dialog').getByText('contains the key').waitFor()
      },
      'what was not understood': async () => {
        await drop('unknown.json', unknown)
        await page.getByRole('dialog').getByText('Nobody').waitFor()
      },
    }
    // What a dialog is made of is the same in both themes; its colours are not.
    const rules = colorScheme === 'dark' ? undefined : ['color-contrast']
    for (const [name, open] of Object.entries(openers)) {
      await open()
      await page.locator('dialog, .floating').waitFor()
      expect(await violations(page, 'dialog, .floating', rules), name).toEqual([])
      await page.keyboard.press('Escape')
      await page.locator('dialog, .floating').waitFor({ state: 'detached' })
    }
    await page.getByRole('button', { name: 'rh_text_to_image', exact: true }).first().click()
    await page.locator('.result-picture').first().click()
    expect(await violations(page), 'lightbox').toEqual([])
  },
)

test('in Chinese from start to end', async () => {
  const page = await stage.visit({ locale: 'zh-CN' })
  await page.getByText('这个示例在内置沙盒中运行').waitFor()
  expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN')
  await page.getByRole('button', { name: '运行', exact: true }).click()
  await page.locator('.result-picture img').nth(3).waitFor()
  await page.locator('.status-notice', { hasText: /完成|沿用/ }).waitFor()
  await page.getByRole('button', { name: '节点', exact: true }).click()
  await page.getByRole('complementary', { name: '节点' }).getByText('加载图像', { exact: true }).waitFor()
  await shot(page, 'chinese')
  const shown = await page.locator('.app').textContent()
  expect(shown).not.toMatch(/\b(Run|Stop|Settings|Queue|Gallery|Nodes)\b/)
  // Switched live, without a reload.
  await page.getByRole('button', { name: '设置', exact: true }).click()
  await page.getByRole('combobox', { name: '语言' }).selectOption('en')
  await page.getByRole('button', { name: 'Run', exact: true }).waitFor()
  expect(await page.locator('.status-notice').textContent()).toBe('')
})

test('a server that goes away shows a banner; work goes on, and it is taken up again by itself', async () => {
  const page = await stage.visit({ expects: /WebSocket|ERR_/ })
  const startAgain = await stage.stopServer()
  await page.getByText('Connection lost').waitFor()
  // What nobody knows now is not said to be none.
  await page.getByRole('button', { name: 'Gallery', exact: true }).click()
  await page.getByRole('complementary', { name: 'Gallery' }).getByText('The server does not answer').waitFor()
  await page.keyboard.press('Escape')
  const area = page.locator('.node-textarea').nth(1)
  await area.fill('written without a server')
  await page.mouse.click(700, 700)
  await startAgain()
  await page.getByText('Connection lost').waitFor({ state: 'detached' })
  await page.getByText('server connected').waitFor()
  await page.waitForTimeout(500)
  await run(page)
  await page.locator('.result-picture img').first().waitFor()
  expect(await page.locator('.node-textarea').nth(1).inputValue()).toBe('written without a server')
})

test('on a tablet and at 125 % and 200 % nothing lies outside the window or over something else', async () => {
  const page = await stage.visit()
  await run(page)
  await page.locator('.result-picture img').nth(3).waitFor()
  for (const [width, height] of [
    [1024, 1366],
    [820, 1180],
    [1024, 640],
    [640, 400],
  ] as const) {
    await page.setViewportSize({ width, height })
    for (const name of ['Workflows', 'Nodes', 'Queue', 'Gallery', 'Problems', 'Costs', 'Settings']) {
      await page.getByRole('button', { name, exact: true }).click()
      await page.getByRole('complementary', { name }).waitFor()
      const wrong = await page.evaluate(() => {
        const boxes = [...document.querySelectorAll('.top-bar button, .rail button, .status-line > *')].map(
          element => ({
            name: element.getAttribute('aria-label') ?? element.textContent,
            box: element.getBoundingClientRect(),
            element,
          }),
        )
        const strip = document.querySelector('.tab-strip')?.getBoundingClientRect()
        const shown = boxes.filter(
          ({ box, element }) =>
            box.width > 0 && !(element.closest('.tab-strip') && strip && box.right > strip.right),
        )
        const outside = shown.filter(
          ({ box, element }) =>
            box.right > innerWidth + 0.5 || (!element.closest('.rail') && box.bottom > innerHeight + 0.5),
        )
        const overlapping = shown.flatMap((one, at) =>
          shown
            .slice(at + 1)
            .filter(
              other =>
                !one.element.contains(other.element) &&
                !one.element.closest('.rail') &&
                !other.element.closest('.rail') &&
                Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left) > 1 &&
                Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top) > 1,
            )
            .map(other => `${one.name} over ${other.name}`),
        )
        const body = document.querySelector('.panel-body')
        return [
          ...outside.map(({ name }) => `${name} outside`),
          ...overlapping,
          ...(body && body.scrollWidth > body.clientWidth ? ['the panel scrolls sideways'] : []),
          ...(document.documentElement.scrollWidth > innerWidth ? ['the page scrolls sideways'] : []),
        ]
      })
      expect(wrong, `${name} at ${width} x ${height}`).toEqual([])
    }
  }
})

test('with the keyboard alone: the focus is seen, panels are reached, dialogs hold it and give it back', async () => {
  const page = await stage.visit()
  await page.keyboard.press('Tab')
  const focus = () =>
    page.evaluate(() => {
      const element = document.activeElement
      const { outlineStyle, outlineWidth } = getComputedStyle(element ?? document.body)
      return {
        name: element?.getAttribute('aria-label') ?? element?.textContent ?? '',
        isSeen: outlineStyle !== 'none' && outlineWidth !== '0px',
        // Past the last one the browser's own controls come; of the page nothing.
        isInside: element === document.body || element?.closest('dialog') !== null,
      }
    })
  const seen: string[] = []
  for (let at = 0; at < 40; at++) {
    const { name, isSeen } = await focus()
    if (name === 'Shortcuts') break
    expect(isSeen, name).toBe(true)
    seen.push(name)
    await page.keyboard.press('Tab')
  }
  expect(seen).toEqual(expect.arrayContaining(['Run', 'Workflows', 'Nodes', 'Queue', 'Gallery', 'Problems']))
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: 'Shortcuts' }).waitFor()
  for (let at = 0; at < 3; at++) {
    await page.keyboard.press('Tab')
    expect((await focus()).isInside).toBe(true)
  }
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect((await focus()).name).toBe('Shortcuts')
})

test('whoever asks for less motion gets none', async () => {
  const page = await stage.visit()
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.getByRole('button', { name: 'More ways to run' }).click()
  const moving = await page.evaluate(
    () =>
      [...document.querySelectorAll('*')].filter(element => {
        const { animationName, transitionDuration } = getComputedStyle(element)
        return animationName !== 'none' || !/^(0s(, )?)+$/.test(transitionDuration)
      }).length,
  )
  expect(moving).toBe(0)
})

test('encrypted keys after a start: what needs one leads to the passphrase, a wrong one is told, then it runs', async () => {
  const site = await createSandbox({ speed: 20 })
  onTestFinished(() => site.close())
  const page = await stage.visit({ expects: /WebSocket|ERR_|422/ })
  const key = { name: 'work', key: 'abcdefabcdefabcdefabcdefabcdef12', baseUrl: site.url, makeDefault: true }
  expect((await page.request.post(new URL('bridge/keys', page.url()).href, { data: key })).ok()).toBe(true)
  const data = { passphrase: 'correct horse battery' }
  expect((await page.request.post(new URL('bridge/key-store/encrypt', page.url()).href, { data })).ok()).toBe(
    true,
  )
  await page.getByRole('button', { name: 'Close this line' }).click()
  const canvas = () => page.locator('.canvas-root').boundingBox()
  const place = await canvas()
  const startAgain = await stage.stopServer()
  await page.getByText('Connection lost').waitFor()
  expect(await canvas()).toEqual(place)
  await startAgain()
  await page.getByText('The stored keys are locked').waitFor()
  expect(await canvas()).toEqual(place)
  expect(await page.locator('.mode-badge').textContent()).toBe('keys locked')
  await run(page)
  await page.getByText('The run failed').waitFor()
  await page.getByRole('button', { name: 'Problems', exact: true }).click()
  await page.getByRole('complementary').getByRole('button', { name: 'Unlock' }).click()
  const settings = page.getByRole('complementary', { name: 'Settings' })
  expect(await violations(page, 'aside, .top-bar')).toEqual([])
  const words = settings.getByLabel('Passphrase')
  await words.fill('wrong words')
  await words.press('Enter')
  await settings.getByText('The passphrase does not open the key store. Nothing was changed.').waitFor()
  await words.fill(data.passphrase)
  await words.press('Enter')
  await settings.getByText('unlocked until the server stops').waitFor()
  expect(await page.getByText('The stored keys are locked').count()).toBe(0)

  await settings.getByRole('button', { name: 'Change the passphrase' }).click()
  const until = settings.getByLabel('The passphrase until now')
  await until.fill('a guess')
  await settings.getByLabel('The new passphrase').fill('battery horse')
  await settings.getByLabel('The same again').fill('battery horse')
  await until.press('Enter')
  await settings.getByText('The passphrase does not open the key store. Nothing was changed.').waitFor()
  await until.fill(data.passphrase)
  await until.press('Enter')
  await until.waitFor({ state: 'detached' })
  await run(page)
  await page.locator('.result-picture img').first().waitFor()
})
