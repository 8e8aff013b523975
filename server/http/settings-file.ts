import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type JsonValue, parseJson, writeJson } from '../shared/lossless-json.ts'

type JsonObject = { [key: string]: JsonValue }

/** The editor's settings: one JSON object in a file, changed one at a time. */
export type SettingsFile = { read(): Promise<JsonObject>; merge(changes: JsonObject): Promise<void> }

export function createSettingsFile(path: string): SettingsFile {
  let last: Promise<unknown> = Promise.resolve()

  async function read(): Promise<JsonObject> {
    try {
      const value = parseJson(await readFile(path, 'utf8'))
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
    } catch {
      // Not there yet, or damaged: settings begin anew, nothing of value is in them.
    }
    return {}
  }

  return {
    read,
    async merge(changes) {
      const change = async () => {
        const merged: JsonObject = { ...(await read()), ...changes }
        await mkdir(dirname(path), { recursive: true })
        await writeFile(`${path}.part`, `${writeJson(merged, 2)}\n`)
        await rename(`${path}.part`, path)
      }
      const turn = last.then(change, change)
      last = turn.catch(() => {})
      await turn
    },
  }
}
