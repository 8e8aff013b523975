import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../server/config.ts'
import type { RunEvent } from '../../server/executor/index.ts'
import { createBridge } from '../../server/main.ts'
import { createSandbox, type Sandbox, sandboxKey } from '../../server/sandbox/index.ts'
import type { JsonValue } from '../../server/shared/lossless-json.ts'
import type { Prompt, PromptNode } from '../../server/shared/prompt.ts'

export type House = {
  readonly sandbox: Sandbox
  readonly inputDir: string
  /** Runs a prompt to its end; throws when it does not succeed. */
  run(prompt: Prompt): Promise<readonly RunEvent[]>
  close(): Promise<void>
}

/** The real house in a folder of its own, its cloud a sandbox at `speed`. */
export async function openHouse(speed: number): Promise<House> {
  const dataDir = await mkdtemp(join(tmpdir(), 'rh-bench-'))
  const sandbox = await createSandbox({ speed, seed: 1 })
  const config = readConfig({ dataDir, baseUrl: sandbox.url, apiKey: sandboxKey }, {})
  const bridge = await createBridge(config)
  await mkdir(config.inputDir, { recursive: true })
  return {
    sandbox,
    inputDir: config.inputDir,
    async run(prompt) {
      const events: RunEvent[] = []
      const checked = await bridge.check(prompt)
      const result = await bridge.run({
        checked,
        keys: new Map(),
        signal: new AbortController().signal,
        onEvent: event => events.push(event),
      })
      if (result.status !== 'success') {
        throw new Error(`the bench's run failed: ${JSON.stringify([result.errors, checked.problems])}`)
      }
      return events
    },
    async close() {
      await bridge.close()
      await sandbox.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

export const node = (class_type: string, inputs: Record<string, JsonValue> = {}): PromptNode => ({
  class_type,
  inputs,
})

export const settingsNode = (targetId: string) =>
  node('RH_SettingsNode', { base_url: '', apiKey: '', workflowId_webappId: targetId })

/** When a node began and ended, in milliseconds since 1970. */
export function spanOf(
  events: readonly RunEvent[],
  nodeId: string,
): { startedAt: number; finishedAt: number } {
  const at = (type: RunEvent['type']) =>
    events.find(event => event.type === type && 'nodeId' in event && event.nodeId === nodeId)?.at ??
    Number.NaN
  return { startedAt: at('node-started'), finishedAt: at('node-finished') }
}
