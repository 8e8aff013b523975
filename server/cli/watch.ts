import { basename, extname, resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { readConfig } from '../config.ts'
import { type Bridge, createBridge } from '../main.ts'
import { openFile } from '../runner/open-file.ts'
import { systemClock } from '../shared/clock.ts'
import { BridgeError } from '../shared/errors.ts'
import { writeJson } from '../shared/lossless-json.ts'
import { createWatch, type WatchNews, type WatchSummary, type WatchWish } from '../watch/index.ts'
import { untilStopped } from './batch.ts'
import { addNotifyOptions, type NotifyFlags, openNotifications } from './notify.ts'
import { addPlaceOptions, collect, type PlaceFlags, readCoins, readCount, readPairs } from './options.ts'
import { advice, errorJson, explain, printable, shownPath } from './print.ts'
import { counted, told, word } from './words/index.ts'

type WatchFlags = NotifyFlags &
  PlaceFlags & {
    map: string[]
    set: string[]
    ext: string[]
    name: string
    parallel: number
    capCoins?: number
    existing?: boolean
    recursive?: boolean
    once?: boolean
    retryFailed?: boolean
    settle: number
    json?: boolean
    outputDir?: string
  }

/** `watch`: a graph over the files of a folder as they come. Each content is paid for once, however often it is started. */
export function addWatchCommand(program: Command, done: (code: number) => void): void {
  addPlaceOptions(addNotifyOptions(program.command('watch')))
    .description('run a graph over every file that comes into a folder')
    .argument('<dir>', 'the folder')
    .argument('<file>', 'workflow JSON, API JSON, or a PNG that carries either')
    .option(
      '--map <COLUMN=NODE.INPUT>',
      'where the file goes: COLUMN is image, video, audio, text (what a .txt holds) or file; also name, folder, path; may be repeated',
      collect,
      [],
    )
    .option('--ext <png,jpg>', 'only files with these extensions; may be repeated', readExtensions, [])
    .option('--existing', 'take the files too that lie there already')
    .option('--recursive', 'take files of its subfolders too')
    .option('--once', 'end when everything that lies there is done; with --existing')
    .option('--retry-failed', 'run files again that failed')
    .option('--name <pattern>', 'how results are called, as "{name}-new"', '{name}')
    .option('--output-dir <dir>', 'where results go (default: beside the files)')
    .option('--set <NODE.INPUT=VALUE>', 'a value for all files; may be repeated', collect, [])
    .option('--parallel <n>', 'files side by side, within the slots of the key', readCount, 4)
    .option('--cap-coins <n>', 'create nothing more when the watch has cost so many coins', readCoins)
    .option('--settle <seconds>', 'how long a file must not have changed to be whole', readSettle, 2)
    .option('--json', 'print one JSON object a line on standard output and nothing else')
    .action(async (dir: string, file: string, flags: WatchFlags) => done(await watch(dir, file, flags)))
}

async function watch(dir: string, file: string, flags: WatchFlags): Promise<number> {
  const config = readConfig({ ...flags, outputDir: flags.outputDir ?? dir }, process.env)
  const bridge = await createBridge(config)
  const show = flags.json ? tellAsJson : tellAsText
  let notifications: ReturnType<typeof openNotifications> | undefined
  const tell = (news: WatchNews) => {
    show(news)
    if (news.event === 'done' || news.event === 'failed') notifications?.fileEnded(news.file, news.row)
  }
  try {
    if (flags.notifyUrl !== undefined) notifications = openNotifications(bridge, flags)
    const wish = await readWish(bridge, dir, file, flags)
    const it = createWatch(
      wish,
      {
        house: bridge,
        assets: bridge.assets,
        store: () => bridge.state().batches,
        clock: systemClock,
        ownFolders: [config.dataDir, config.inputDir, config.outputDir],
      },
      tell,
    )
    const checked = await it.plan()
    bridge.state()
    const { coins } = await bridge.estimate(checked)
    const { isNew, left, failed } = await it.start({ retryFailed: flags.retryFailed ?? false })
    tellStart({ id: it.id, dir: resolve(dir), isNew, left, failed, coins, flags })
    let isStopped = false
    await untilStopped(flags.once ? it.idle() : it.still, async () => {
      isStopped = true
      await it.stop('stopped by you')
    })
    if (!isStopped) await it.stop('the watch ended')
    const summary = it.summary()
    tellEnd(summary, flags)
    if (isStopped) return 130
    return summary.failed > 0 || summary.state === 'paused' ? 1 : 0
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error
    if (flags.json) print({ event: 'error', error: errorJson(error) })
    else process.stderr.write(`${explain(error)}\n`)
    return 2
  } finally {
    await notifications?.settle()
    await notifications?.close()
    await bridge.idle()
    await bridge.close()
  }
}

async function readWish(bridge: Bridge, dir: string, file: string, flags: WatchFlags): Promise<WatchWish> {
  const opened = await openFile(bridge, file, { sets: flags.set, adopt: true })
  if (opened.liftedKeys.size > 0) {
    throw new BridgeError('The file holds an API key, and a watch may go on for days.', {
      code: 'bad-batch',
      hint: 'Keep the key with "rh-bridge keys add", and take it out of the file.',
    })
  }
  return {
    title: `${basename(resolve(dir))} · ${basename(file, extname(file))}`,
    prompt: opened.prompt,
    mapping: readPairs(flags.map, '--map', targets => [targets]),
    name: flags.name,
    parallel: flags.parallel,
    folder: dir,
    isRecursive: flags.recursive ?? false,
    extensions: flags.ext,
    takesExisting: (flags.existing ?? false) || (flags.once ?? false),
    settleMs: flags.settle * 1000,
    ...(opened.workflow !== undefined && { workflow: opened.workflow }),
    ...(flags.capCoins !== undefined && { capCoins: flags.capCoins }),
  }
}

function tellStart(facts: {
  id: string
  dir: string
  isNew: boolean
  left: number
  failed: number
  coins: { low: number; high: number } | null
  flags: WatchFlags
}): void {
  const { id, dir, isNew, left, failed, coins, flags } = facts
  if (flags.json) {
    print({ event: 'watching', id, folder: dir, left, failed, coinsEach: coins })
    return
  }
  const range = coins && (coins.low === coins.high ? String(coins.low) : word('range.to', coins))
  const price = range === null ? word('batch.unknown') : word('batch.about', { range })
  say(word('watch.start', { dir: printable(dir), parallel: flags.parallel, price }))
  if (!isNew) say(word('watch.known', { id }))
  if (left > 0) say(word('watch.left', { files: counted(left, 'file') }))
  if (failed > 0) say(word('watch.failedBefore', { files: counted(failed, 'file') }))
}

function tellAsText(news: WatchNews): void {
  switch (news.event) {
    case 'taken':
      say(word('watch.taken', { file: printable(news.file) }))
      return
    case 'done': {
      const { files, text, coins } = news.row
      say(word('watch.done', { file: printable(news.file), coins }))
      for (const { path } of files) process.stdout.write(`${shownPath(path)}\n`)
      if (files.length === 0 && text !== null) process.stdout.write(`${printable(text)}\n`)
      return
    }
    case 'failed': {
      const { error } = news.row
      say(`✖ ${printable(news.file)}: ${printable(told(error?.message ?? ''))}`)
      for (const line of error ? advice(error) : []) say(`  ${printable(line)}`)
      return
    }
    case 'known': {
      const { file, sameAs, state } = news
      if (file === sameAs && state !== 'failed') return
      const values = { file: printable(file), other: printable(sameAs) }
      if (file === sameAs) say(word('watch.failedAgain', values))
      else say(word(`watch.same.${state}`, values))
      return
    }
    case 'unreadable':
      say(`✖ ${word('watch.unreadable', { file: printable(news.file), why: printable(told(news.why)) })}`)
      return
    case 'trouble':
      say(`✖ ${word('watch.trouble', { why: printable(told(news.why)) })}`)
      return
  }
}

function tellAsJson(news: WatchNews): void {
  if (!('row' in news)) {
    print(news)
    return
  }
  const { runId, files, text, error, taskIds, coins, startedAt, finishedAt } = news.row
  const row = { runId, files, text, error, taskIds, coins, startedAt, finishedAt }
  print({ event: news.event, file: news.file, ...row })
}

function tellEnd({ id, done, failed, waiting, coins, state, why }: WatchSummary, flags: WatchFlags): void {
  if (flags.json) {
    print({ event: 'ended', id, done, failed, waiting, coins, why })
    return
  }
  say(word('watch.end', { files: counted(done, 'file'), failed, waiting, coins, id }))
  if (state === 'paused' && why !== null) say(printable(told(why)))
}

const say = (text: string) => void process.stderr.write(`${text}\n`)
const print = (value: object) => void process.stdout.write(`${writeJson(value)}\n`)

function readExtensions(text: string, before: string[]): string[] {
  const all = text.split(',').map(part => part.trim().replace(/^\./, '').toLowerCase())
  if (all.some(part => !/^[a-z0-9]+$/.test(part))) {
    throw new InvalidArgumentError('They are letters and digits, with commas between.')
  }
  return [...before, ...all]
}

function readSettle(text: string): number {
  const seconds = Number(text)
  if (Number.isFinite(seconds) && seconds >= 0.1 && seconds <= 3600) return seconds
  throw new InvalidArgumentError('It is a number of seconds from 0.1 to 3600.')
}
