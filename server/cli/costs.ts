import { type Command, InvalidArgumentError } from 'commander'
import { readConfig } from '../config.ts'
import { createBridge } from '../main.ts'
import { BridgeError } from '../shared/errors.ts'
import { writeJson } from '../shared/lossless-json.ts'
import { explain, printable } from './print.ts'
import { counted, joined, word } from './words/index.ts'

const views = ['day', 'run', 'target', 'key'] as const
type CostsFlags = {
  by: (typeof views)[number]
  from?: number
  to?: number
  csv?: boolean
  json?: boolean
  dataDir?: string
}

/** `costs`: what the tasks of this data folder cost, added up, or one line a task as CSV. */
export function addCostsCommand(program: Command, done: (code: number) => void): void {
  program
    .command('costs')
    .description('what RunningHub tasks cost, added up')
    .option('--by <day|run|target|key>', 'what belongs together', readView, 'day')
    .option('--from <date>', 'since this day, as 2026-11-20', readDate)
    .option('--to <date>', 'up to the beginning of this day', readDate)
    .option('--csv', 'one line a task, for spreadsheets')
    .option('--json', 'print one JSON object on standard output and nothing else')
    .option('--data-dir <dir>', 'the data folder (default: data)')
    .action(async (flags: CostsFlags) => done(await costs(flags)))
}

async function costs(flags: CostsFlags): Promise<number> {
  const bridge = await createBridge(readConfig(flags, process.env))
  try {
    const range = { from: flags.from ?? 0, to: flags.to ?? Number.MAX_SAFE_INTEGER }
    if (flags.csv) {
      process.stdout.write(bridge.costs.csv(range))
      return 0
    }
    const sums = bridge.costs.sum(flags.by, range)
    if (flags.json) process.stdout.write(`${writeJson({ by: flags.by, costs: sums })}\n`)
    else if (sums.length === 0) process.stdout.write(`${word('costs.none')}\n`)
    for (const { name, tasks, coins, money, seconds } of flags.json ? [] : sums) {
      const parts = [
        counted(tasks, 'task'),
        word('cost.coins', { coins }),
        money > 0 ? word('range.money', { range: money }) : '',
        `${seconds} s`,
      ]
      process.stdout.write(`${printable(name)}  ${joined(parts)}\n`)
    }
    return 0
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error
    process.stderr.write(`${explain(error)}\n`)
    return 2
  } finally {
    await bridge.close()
  }
}

function readView(text: string): CostsFlags['by'] {
  const view = views.find(one => one === text)
  if (view) return view
  throw new InvalidArgumentError(`It is ${views.join(', ')}.`)
}

function readDate(text: string): number {
  const time = new Date(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00` : text).getTime()
  if (Number.isFinite(time)) return time
  throw new InvalidArgumentError('It is a date such as 2026-11-20.')
}
