import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { CloudFile, Progress } from '../../nodes/context.ts'
import { type AssetStore, safeName } from '../assets/index.ts'
import { downloadFile, maxResultBytes, type OutputFile, type Transport } from '../runninghub/index.ts'
import type { Clock } from '../shared/clock.ts'
import { BridgeError, diskAdvice, messageOf } from '../shared/errors.ts'

export type DownloadOptions = {
  readonly transport: Transport
  readonly clock: Clock
  readonly assets: Pick<AssetStore, 'describeKnown' | 'folders'>
  readonly baseUrl: string
  readonly isForeign?: boolean | undefined
  readonly signal: AbortSignal
  readonly report: (progress: Progress) => void
  readonly onRetry?: (why: string) => void
}

/** All result files of a task side by side, in the cloud's order, into a folder of the task's own. One failure ends the others. */
export async function downloadAll(
  taskId: string,
  files: readonly OutputFile[],
  options: DownloadOptions,
): Promise<readonly CloudFile[]> {
  const folder = join(options.assets.folders.results, taskId)
  await makeFolder(folder)
  let bytes = 0
  let done = 0
  const report = () => options.report({ phase: 'downloading', done, of: files.length, bytes })
  report()
  const stop = new AbortController()
  const onAbort = () => stop.abort(options.signal.reason)
  if (options.signal.aborted) onAbort()
  options.signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await allOrNone(
      files.map(async (file, index): Promise<CloudFile> => {
        const path = join(folder, fileName(file, index))
        const known = await downloadFile(file.url, path, {
          transport: options.transport,
          clock: options.clock,
          signal: stop.signal,
          baseUrl: options.baseUrl,
          isForeign: options.isForeign,
          maxBytes: maxResultBytes,
          type: file.type,
          ...(options.onRetry && { onRetry: options.onRetry }),
          onBytes(delta) {
            bytes += delta
            report()
          },
        })
        done++
        report()
        return {
          asset: await options.assets.describeKnown(path, known),
          type: file.type,
          cloudNodeId: file.nodeId,
          url: file.url,
        }
      }),
      error => stop.abort(error),
    )
  } finally {
    options.signal.removeEventListener('abort', onAbort)
  }
}

/** All values, or the first error, told when the others have ended too: they take their half files away with them. */
async function allOrNone<T>(works: readonly Promise<T>[], onError: (error: unknown) => void): Promise<T[]> {
  let first: { error: unknown } | undefined
  await Promise.all(
    works.map(work =>
      work.catch((error: unknown) => {
        first ??= { error }
        onError(error)
      }),
    ),
  )
  if (first) throw first.error
  return Promise.all(works)
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (cause) {
    throw new BridgeError(`The folder "${folder}" cannot be made: ${messageOf(cause)}.`, {
      code: 'disk',
      hint: diskAdvice(cause),
      cause,
    })
  }
}

/** `03_ComfyUI_00001_abcde.png`: the cloud's order and its own name. */
function fileName(file: OutputFile, index: number): string {
  let name = ''
  try {
    name = decodeURIComponent(new URL(file.url).pathname.split('/').at(-1) ?? '')
  } catch {
    // Not a well-formed escape: the number and type will do.
  }
  const safe = safeName(name.replace(/[\\/]/g, '_'))
  const number = String(index + 1).padStart(2, '0')
  const extension =
    file.type && !safe.toLowerCase().endsWith(`.${file.type}`) ? `.${safeName(file.type)}` : ''
  return `${number}_${safe || 'result'}${extension}`
}
