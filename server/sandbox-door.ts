import type { Model } from '../nodes/models/index.ts'
import type { Config } from './config.ts'
import type { createTransport } from './runninghub/index.ts'
import { sandboxKey } from './shared/secrets.ts'
import type { SiteSources } from './wiring/index.ts'

/** The built-in sandbox behind a door: loaded and started once, when it is first needed. */
export function createSandboxDoor(
  config: Config,
  transport: ReturnType<typeof createTransport>,
  models: () => readonly Model[],
) {
  let started: Promise<{ url: string; close(): Promise<void> }> | undefined
  const looked = new Map<string, Promise<boolean>>()
  const door: SiteSources['sandbox'] & { close(): Promise<void> } = {
    mode: config.sandbox,
    apiKey: sandboxKey,
    async start() {
      started ??= import('./sandbox/index.ts').then(({ createSandbox }) =>
        createSandbox({ speed: config.sandboxSpeed, models }),
      )
      return (await started).url
    },
    isOneAt(baseUrl) {
      const known = looked.get(baseUrl)
      if (known) return known
      const look = transport
        .exchange({
          method: 'GET',
          url: `${baseUrl}/__sandbox/health`,
          requestTimeoutMs: 2000,
          signal: undefined,
        })
        .then(
          ({ json }) =>
            typeof json === 'object' && json !== null && !Array.isArray(json) && json.sandbox === true,
          () => false,
        )
      looked.set(baseUrl, look)
      // Only a yes is kept: a sandbox may be started at that address later.
      void look.then(isOne => isOne || looked.delete(baseUrl))
      return look
    },
    async close() {
      await (await started)?.close()
    },
  }
  return door
}
