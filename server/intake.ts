import { writeJson } from './shared/lossless-json.ts'
import type { Prompt } from './shared/prompt.ts'
import { type KeptKeys, type KeyChoice, type KeyStore, keepKeys } from './wiring/index.ts'
import { type Catalogue, type JsonObject, type ReadWorkflow, readWorkflow } from './workflow/index.ts'

/** What comes in: files and posted prompts of any kind. Keys in them move to the key store before anything else happens. */
export function createIntake({
  catalogue,
  keyStore,
  onKey,
}: {
  readonly catalogue: Catalogue
  readonly keyStore: KeyStore
  readonly onKey: (key: string) => void
}) {
  function read(source: Uint8Array | string): ReadWorkflow {
    const found = readWorkflow(source, { catalogue })
    for (const { key } of found.keys) onKey(key)
    return found
  }

  return {
    /** Any file people have -> prompt and report. Throws BridgeError with one sentence. */
    read,

    /**
     * Takes a posted prompt in: keys in it, or in the workflow beside it, move to the key store, and only references to them go on
     * (DESIGN: keys live on the server). Other wrong things are left for the check.
     */
    async takeIn(
      prompt: JsonObject,
      extra: JsonObject,
    ): Promise<{ prompt: Prompt; extra: JsonObject; report: ReadWorkflow['report'] }> {
      const came = read(writeJson({ prompt, extra_data: extra }))
      const info = extra.extra_pnginfo
      const whole: JsonObject = {
        ...extra,
        ...(came.workflow && isObject(info) && { extra_pnginfo: { ...info, workflow: came.workflow } }),
      }
      if (came.keys.length === 0) return { prompt: came.prompt, extra: whole, report: came.report }
      const kept = await keepKeys(came.keys, came.prompt, keyStore)
      return {
        prompt: kept.rewrite(came.prompt) as Prompt,
        extra: kept.rewrite(whole) as JsonObject,
        report: renameKeys(kept.rewrite(came.report) as ReadWorkflow['report'], kept),
      }
    },

    /** The same for a file: any kind of workflow file, its keys moved to the key store, or what else is chosen for them. */
    async importFile(source: Uint8Array | string, how?: KeyChoice): Promise<Omit<ReadWorkflow, 'keys'>> {
      const { keys, ...came } = read(source)
      if (keys.length === 0) return came
      const kept = await keepKeys(keys, came.prompt, keyStore, how)
      const { report, ...rest } = kept.rewrite(came) as Omit<ReadWorkflow, 'keys'>
      return { ...rest, report: renameKeys(report, kept) }
    },
  }
}

function renameKeys(report: ReadWorkflow['report'], kept: KeptKeys): ReadWorkflow['report'] {
  return { ...report, keys: report.keys.map(key => ({ ...key, name: kept.nameOf(key.name) })) }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
