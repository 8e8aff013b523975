import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { findChromium } from './chromium.ts'

/**
 * Before the first test: where no browser is and we may, Debian's package is installed, once for all workers and
 * outside every test's time limit. Where it cannot be had, the browser tests say what to do.
 */
export function setup(): void {
  try {
    findChromium(process.env)
    return
  } catch {
    if (process.env.CHROMIUM_PATH || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return
  }
  process.stderr.write('Installing Chromium for the browser tests…\n')
  apt('update')
  // Older releases have only the whole browser.
  for (const name of ['chromium-headless-shell', 'chromium']) {
    if (apt('install', '-y', '--no-install-recommends', name)) return
  }
}

/** Whether it worked. Old lists may do; without a network the line of findChromium says the rest. */
function apt(...step: readonly string[]): boolean {
  try {
    execFileSync('apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...step], {
      stdio: 'ignore',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
    return true
  } catch {
    return false
  }
}
