import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import {
  type BatchSummary,
  type BatchWish,
  createBatches,
  failedAsCsv,
  multiply,
  type Row,
  readLines,
  readTable,
  rowsAsCsv,
  sheetAsHtml,
  sheetAsPng,
} from '../batch/index.ts'
import { readConfig } from '../config.ts'
import { type Bridge, createBridge } from '../main.ts'
import { openFile } from '../runner/open-file.ts'
import { systemClock } from '../shared/clock.ts'
import { BridgeError } from '../shared/errors.ts'
import { writeJson } from '../shared/lossless-json.ts'
import { askOnTerminal } from './ask-unknown.ts'
import { addNotifyOptions, type NotifyFlags, openNotifications, untilTold } from './notify.ts'
import {
  addPlaceOptions,
  collect,
  type PlaceFlags,
  readCoins,
  readCount,
  readPairs,
  readUnknownPolicy,
  type UnknownPolicy,
} from './options.ts'
import { advice, formatDuration, printable, tellUnusable } from './print.ts'
import { counted, told, word } from './words/index.ts'

type BatchFlags = NotifyFlags &
  PlaceFlags & {
    rows?: string
    prompts?: string
    images?: string
    map: string[]
    matrix: string[]
    set: string[]
    parallel: number
    capCoins?: number
    name: string
    title?: string
    plan?: boolean
    retryFailed?: boolean
    sheet?: string
    results?: string
    json?: boolean
    onUnknown?: UnknownPolicy
    outputDir?: string
  }

/** `batch`: a graph over a table. The same command again goes on where it was: rows that are done are never paid for again. */
export function addBatchCommand(program: Command, done: (code: number) => void): void {
  addPlaceOptions(addNotifyOptions(program.command('batch')))
    .description('run a graph over a table, a folder of pictures, a list of prompts, or all combinations')
    .argument('<file>', 'workflow JSON, API JSON, or a PNG that carries either')
    .option('--rows <file>', 'the table: CSV or TSV with a head line, a JSON list, or JSON lines')
    .option('--prompts <file>', 'one prompt a line; the column is called prompt')
    .option('--images <dir>', 'every picture of a folder; the column is called image')
    .option('--map <COLUMN=NODE.INPUT>', 'where a column goes; may be repeated', collect, [])
    .option('--matrix <COLUMN=A,B,C>', 'each row with each of these; may be repeated', collect, [])
    .option('--set <NODE.INPUT=VALUE>', 'a value for all rows; may be repeated', collect, [])
    .option('--parallel <n>', 'rows side by side, within the slots of the key', readCount, 4)
    .option('--cap-coins <n>', 'create nothing more when the batch has cost so many coins', readCoins)
    .option('--name <pattern>', 'how results are called, as "{prompt}-{seed}"', '')
    .option('--title <title>', 'the folder of the results (default: the name of the file)')
    .option(
      '--on-unknown <ask|fail|resubmit>',
      'when the answer to a create is lost and a paid task may exist (default: fail)',
      readUnknownPolicy,
    )
    .option('--plan', 'only say what would be done')
    .option('--retry-failed', 'run rows again that failed')
    .option('--results <file.csv>', 'write every row with what became of it')
    .option('--sheet <file>', 'write a contact sheet, as .html or .png')
    .option('--json', 'print one JSON object on standard output and nothing else')
    .option('--output-dir <dir>', 'where results go (default: output in the data folder)')
    .action(async (file: string, flags: BatchFlags) => done(await batch(file, flags)))
}

async function batch(file: string, flags: BatchFlags): Promise<number> {
  const bridge = await createBridge(readConfig(flags, process.env))
  const say = (text: string) => {
    if (!flags.json) process.stderr.write(`${text}\n`)
  }
  const batches = createBatches({
    house: bridge,
    store: () => bridge.state().batches,
    clock: systemClock,
    onNews: createProgress(say),
    onEnd(summary) {
      callId = notifications?.batchEnded(summary, batches.rows)
    },
  })
  let notifications: ReturnType<typeof openNotifications> | undefined
  let callId: string | undefined
  const asking = new AbortController()
  if (bridge.config.onUnknown === 'ask') {
    askOnTerminal(bridge, { pause() {}, resume() {} }, asking.signal)
  }
  try {
    if (flags.notifyUrl !== undefined) notifications = openNotifications(bridge, flags)
    const wish = await readWish(bridge, file, flags)
    bridge.state()
    const { id, checked } = await batches.plan(wish)
    const estimate = await bridge.estimate(checked)
    const rows = counted(wish.rows.length, 'row')
    const price = estimate.coins
      ? word('batch.about', { range: range(estimate.coins, wish.rows.length) })
      : word('batch.unknown')
    const tasks = counted(estimate.tasks * wish.rows.length, 'task')
    say(word('batch.plan', { rows, tasks, price, parallel: wish.parallel }))
    if (flags.plan) {
      if (flags.json) process.stdout.write(`${writeJson({ id, rows: wish.rows.length, estimate })}\n`)
      return 0
    }
    const { isNew } = batches.add(wish)
    if (!isNew) say(word('batch.known', { id }))
    if (flags.retryFailed) batches.retry(id)
    await untilStopped(batches.start(id), () => {
      asking.abort()
      return batches.pause(id, 'stopped by you')
    })
    const summary = batches.summary(id)
    await writeResults(batches, summary, flags)
    if (flags.json) process.stdout.write(`${writeJson(summary)}\n`)
    else tellEnd(summary, batches)
    if (notifications) await untilTold(notifications, callId)
    if (summary.state === 'paused') return summary.why === 'stopped by you' ? 130 : 1
    return summary.failed > 0 ? 1 : 0
  } catch (error) {
    return tellUnusable(error, flags)
  } finally {
    await batches.close()
    await notifications?.close()
    await bridge.idle()
    await bridge.close()
  }
}

async function readWish(bridge: Bridge, file: string, flags: BatchFlags): Promise<BatchWish> {
  const opened = await openFile(bridge, file, { sets: flags.set, adopt: true })
  if (opened.liftedKeys.size > 0) {
    throw new BridgeError('The file holds an API key, and a batch may go on days later.', {
      code: 'bad-batch',
      hint: 'Keep the key with "rh-bridge keys add", and take it out of the file.',
    })
  }
  const mapping = readPairs(flags.map, '--map', targets => [targets])
  const rows = multiply(await readRows(flags), readPairs(flags.matrix, '--matrix', readList))
  return {
    title: flags.title ?? basename(file, extname(file)),
    prompt: opened.prompt,
    rows: await takeMedia(bridge, rows, mapping, opened.prompt, flags),
    mapping,
    name: flags.name,
    parallel: flags.parallel,
    ...(opened.workflow !== undefined && { workflow: opened.workflow }),
    ...(flags.capCoins !== undefined && { capCoins: flags.capCoins }),
  }
}

/** A table, a list and a folder multiply, as a matrix does. */
async function readRows({ rows, prompts, images }: BatchFlags): Promise<readonly Row[]> {
  let all: readonly Row[] = rows === undefined ? [] : readTable(await readText(rows))
  if (prompts !== undefined) {
    const lines = readLines(await readText(prompts)).map(row => row.prompt ?? '')
    all = multiply(all, { prompt: lines })
  }
  if (images !== undefined) {
    const names = await readdir(images).catch(() => {
      throw new BridgeError(`There is no folder "${images}".`, { code: 'file' })
    })
    const pictures = names.filter(name => /\.(png|jpe?g|webp|bmp|gif|tiff?)$/i.test(name)).sort()
    if (pictures.length === 0) throw new BridgeError(`"${images}" holds no pictures.`, { code: 'bad-rows' })
    all = multiply(all, { image: pictures.map(name => join(resolve(images), name)) })
  }
  return all
}

/** Files a table names are taken into the input folder, once each. */
async function takeMedia(
  bridge: Bridge,
  rows: readonly Row[],
  mapping: BatchWish['mapping'],
  prompt: BatchWish['prompt'],
  flags: BatchFlags,
): Promise<readonly Row[]> {
  const columns = Object.entries(mapping).flatMap(([column, targets]) => {
    const isFile = targets.some(target => {
      const [nodeId = '', input = ''] = target.split('.')
      const type = prompt[nodeId]?.class_type ?? ''
      return bridge.catalogue.find(type)?.definition.inputs.get(input)?.files !== undefined
    })
    return isFile ? [column] : []
  })
  if (columns.length === 0) return rows
  const besides = flags.rows === undefined ? process.cwd() : dirname(resolve(flags.rows))
  const taken = new Map<string, string>()
  const take = async (value: string) => {
    const known = taken.get(value)
    if (known !== undefined || value === '') return known ?? value
    const isThere = await bridge.assets.exists(value)
    const name = isThere ? value : await bridge.assets.adopt(resolve(besides, value)).catch(() => value)
    taken.set(value, name)
    return name
  }
  const all: Row[] = []
  for (const row of rows) {
    const changed: Record<string, string> = { ...row }
    for (const column of columns) changed[column] = await take(row[column] ?? '')
    all.push(changed)
  }
  return all
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new BridgeError(`"${path}" cannot be read.`, { code: 'file', cause })
  }
}

const readList = (text: string) => text.split(',').map(value => value.trim())

/** Ctrl-C lets rows under way go and keeps everything; pressed again it ends the program. */
export async function untilStopped(work: Promise<unknown>, pause: () => Promise<void>): Promise<void> {
  let pressed = false
  const onSignal = () => {
    if (pressed) process.exit(130)
    pressed = true
    process.stderr.write(`${word('batch.stopping')}\n`)
    void pause()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  try {
    await work
  } finally {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
}

/** A line when something changed, at most one a second. */
function createProgress(say: (text: string) => void): (summary: BatchSummary) => void {
  let lastAt = 0
  let last = ''
  return ({ rows, done, running, failed, coins, capCoins, leftMs }) => {
    const paid = capCoins === undefined ? coins : word('batch.ofCap', { coins, cap: capCoins })
    const left =
      leftMs && running > 0
        ? word('batch.left', { low: formatDuration(leftMs.low), high: formatDuration(leftMs.high) })
        : ''
    const line = word('batch.progress', { done, rows, running, failed, coins: paid })
    if (line === last || Date.now() - lastAt < 1000) return
    last = line
    lastAt = Date.now()
    say(`${line}${left}`)
  }
}

type Batches = ReturnType<typeof createBatches>

async function writeResults(batches: Batches, { id, title }: BatchSummary, flags: BatchFlags): Promise<void> {
  const all = () => batches.rows(id, { offset: 0, limit: Number.MAX_SAFE_INTEGER })
  const write = async (path: string, content: string | Uint8Array) => {
    await mkdir(dirname(resolve(path)), { recursive: true })
    await writeFile(path, content)
  }
  if (flags.results !== undefined) {
    await write(flags.results, rowsAsCsv(batches.columns(id), all()))
    const failed = all().filter(row => row.state === 'failed')
    if (failed.length > 0) {
      await write(
        flags.results.replace(/(\.csv)?$/i, '.failed.csv'),
        failedAsCsv(batches.columns(id), failed),
      )
    }
  }
  if (flags.sheet === undefined) return
  const { signal } = new AbortController()
  const content = /\.png$/i.test(flags.sheet)
    ? await sheetAsPng(all(), signal)
    : await sheetAsHtml(title, batches.columns(id), all(), signal)
  await write(flags.sheet, content)
}

function tellEnd(summary: BatchSummary, batches: Batches): void {
  const { id, rows, done, failed, waiting, coins, state, why } = summary
  for (const row of batches.rows(id, { offset: 0, limit: 20, state: 'failed' })) {
    const message = printable(told(row.error?.message ?? ''))
    process.stderr.write(`✖ ${word('batch.row', { row: row.index + 1, message })}\n`)
    for (const line of row.error ? advice(row.error) : []) process.stderr.write(`  ${printable(line)}\n`)
  }
  if (failed > 20) process.stderr.write(`${word('batch.moreFailed', { count: failed - 20 })}\n`)
  const sums = { done, rows: counted(rows, 'row'), failed, waiting, coins, id }
  process.stdout.write(`${word('batch.end', sums)}\n`)
  if (state === 'paused' && why !== null) process.stderr.write(`${printable(told(why))}\n`)
  if (failed > 0) process.stderr.write(`${word('batch.retry')}\n`)
}

function range({ low, high }: { low: number; high: number }, rows: number): string {
  return low === high ? String(low * rows) : word('range.to', { low: low * rows, high: high * rows })
}
