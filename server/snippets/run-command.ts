import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where this program works: folders and site, as far as they were said. Keys are no part of it. */
export type Place = {
  readonly dataDir: string
  readonly inputDir: string
  readonly outputDir: string
  readonly allowDirs: readonly string[]
  readonly sandbox: 'auto' | 'on' | 'off'
  readonly flags: { readonly baseUrl?: string }
}

/**
 * The words that run a workflow file as this program would, up to the file's name: this very Node and program, this data folder. Keys
 * are no part of it; the command finds them where the server does.
 */
export function runCommand(place: Place): string[] {
  const { dataDir, inputDir, outputDir, allowDir, sandbox, baseUrl } = unusual(place)
  const program = fileURLToPath(new URL(`../cli${extname(import.meta.url)}`, import.meta.url))
  const said = (flag: string, value: string | undefined) => (value === undefined ? [] : [flag, value])
  return [
    process.execPath,
    program,
    'run',
    ...said('--data-dir', dataDir),
    ...said('--input-dir', inputDir),
    ...said('--output-dir', outputDir),
    ...(allowDir ?? []).flatMap(dir => said('--allow-dir', dir)),
    ...said('--sandbox', sandbox),
    ...said('--base-url', baseUrl),
  ]
}

/** What has to be said for another process to work in the same place, by the names the library has for it. */
export function unusual({ dataDir, inputDir, outputDir, allowDirs, sandbox, flags }: Place) {
  return {
    dataDir,
    ...(inputDir !== join(dataDir, 'input') && { inputDir }),
    ...(outputDir !== join(dataDir, 'output') && { outputDir }),
    ...(allowDirs.length > 0 && { allowDir: allowDirs }),
    ...(sandbox !== 'auto' && { sandbox }),
    ...(flags.baseUrl !== undefined && { baseUrl: flags.baseUrl }),
  }
}
