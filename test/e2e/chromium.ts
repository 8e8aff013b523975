import { existsSync } from 'node:fs'

const wellKnown = [
  // The same browser without the windows nobody sees: a third less work.
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:/Program Files/Google/Chrome/Application/chrome.exe',
]

/** The browser the tests drive: CHROMIUM_PATH or a usual place. Fails in one line, never skips. */
export function findChromium(environment: Readonly<Record<string, string | undefined>>): string {
  const given = environment.CHROMIUM_PATH
  if (given) {
    if (existsSync(given)) return given
    throw new Error(`CHROMIUM_PATH names "${given}", which does not exist.`)
  }
  const found = wellKnown.find(path => existsSync(path))
  if (found) return found
  throw new Error(
    'The browser tests need Chromium: install it, or set CHROMIUM_PATH to a Chrome or Chromium.',
  )
}
