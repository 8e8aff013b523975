import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished } from 'vitest'
import { readConfig } from '../../server/config.ts'
import type { RunEvent } from '../../server/executor/index.ts'
import { createBridge } from '../../server/main.ts'
import { createSandbox, type SandboxOptions } from '../../server/sandbox/index.ts'
import type { Prompt } from '../../server/shared/prompt.ts'
import { databaseName } from '../../server/state.ts'
import { createFastClock } from '../runninghub/support.ts'

/** The house with a sandbox beside it, and runs of prompts in it. */
export async function openHouse(options: SandboxOptions = {}) {
  // Ten seconds of the cloud are one here.
  const clock = createFastClock(10)
  const sandbox = await createSandbox({ seed: 1, speed: 10, ...options, clock })
  const dataDir = await mkdtemp(join(tmpdir(), 'rh-wiring-'))
  const open = () => createBridge(readConfig({ dataDir, baseUrl: sandbox.url }, {}), { clock })
  let bridge = await open()
  onTestFinished(async () => {
    await bridge.close()
    await sandbox.close()
    await rm(dataDir, { recursive: true, force: true })
    expect(sandbox.violations()).toEqual([])
  })
  const events: RunEvent[] = []
  const stop = new AbortController()
  type OnEvent = { onEvent?: (event: RunEvent) => void; cloud?: 'off' }
  /** One cloud node with its settings. */
  function run(targetId: string, more: OnEvent & { execute?: object } = {}) {
    const inputs = { apiConfig: ['2', 0], run_timeout: 600, ...more.execute }
    return runPrompt({ 2: settings(targetId), 4: { class_type: 'RH_ExecuteNode', inputs } }, more)
  }
  async function runPrompt(prompt: Prompt, more: OnEvent & { force?: true | readonly string[] } = {}) {
    const { force = true, cloud } = more
    const checked = await bridge.check(prompt, { force, ...(cloud && { cloud }) })
    const result = await bridge.run({
      checked,
      keys: new Map(),
      signal: stop.signal,
      onEvent(event) {
        events.push(event)
        more.onEvent?.(event)
      },
    })
    await bridge.idle()
    const statuses = events.flatMap(event => (event.type === 'node-task-changed' ? [event.task.status] : []))
    return { result, statuses }
  }
  /** The program starts anew and has lost what it remembered of results; the journal of tasks is there. */
  async function forgetResults() {
    await bridge.close()
    const database = new DatabaseSync(join(dataDir, databaseName))
    database.exec('DELETE FROM results')
    database.close()
    bridge = await open()
  }
  const half = async () =>
    (await readdir(dataDir, { recursive: true })).filter(name => name.endsWith('.part'))
  return { sandbox, bridge, dataDir, events, stop, run, runPrompt, forgetResults, half }
}

/** RH_SettingsNode without a key: the sandbox has its own. */
export const settings = (targetId: string) => ({
  class_type: 'RH_SettingsNode',
  inputs: { base_url: 'https://www.runninghub.cn', apiKey: '', workflowId_webappId: targetId },
})
