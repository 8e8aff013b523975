import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Bridge } from '../main.ts'

/**
 * The words that run a workflow file as this server would, up to the file's name: this very Node and program, this data folder. Keys
 * are no part of it; the command finds them where the server does.
 */
export function runCommand(config: Bridge['config']): string[] {
  const { dataDir, inputDir, outputDir, allowDirs, sandbox, flags } = config
  const program = fileURLToPath(new URL(`../cli${extname(import.meta.url)}`, import.meta.url))
  const said = (flag: string, value: string | undefined, usual?: string) =>
    value === undefined || value === usual ? [] : [flag, value]
  return [
    process.execPath,
    program,
    'run',
    ...said('--data-dir', dataDir),
    ...said('--input-dir', inputDir, join(dataDir, 'input')),
    ...said('--output-dir', outputDir, join(dataDir, 'output')),
    ...allowDirs.flatMap(dir => said('--allow-dir', dir)),
    ...said('--sandbox', sandbox, 'auto'),
    ...said('--base-url', flags.baseUrl),
  ]
}
