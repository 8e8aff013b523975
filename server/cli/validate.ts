import { basename } from 'node:path'
import type { Command } from 'commander'
import { readConfig } from '../config.ts'
import { type CheckedPrompt, type Problem, sayProblem } from '../executor/index.ts'
import { type Bridge, createBridge } from '../main.ts'
import { type OpenedFile, openFile } from '../runner/open-file.ts'
import { writeJson } from '../shared/lossless-json.ts'
import { advice, errorJson, explain, printable } from './print.ts'
import { counted, currentLanguage, joined, told, word } from './words/index.ts'

type ValidateFlags = { set: string[]; json?: boolean; inputDir?: string; dataDir?: string }

export function addValidateCommand(program: Command, done: (code: number) => void): void {
  program
    .command('validate')
    .description('say what a file holds, what would run, and every problem; nothing is started')
    .argument('<file>', 'workflow JSON, API JSON, or a PNG that carries either')
    .option(
      '--set <NODE.INPUT=VALUE>',
      'as for run',
      (value: string, before: string[]) => [...before, value],
      [],
    )
    .option('--input-dir <dir>', 'where inputs are looked for (default: input in the data folder)')
    .option('--data-dir <dir>', 'the data folder (default: data)')
    .option('--json', 'print one JSON object on standard output and nothing else')
    .action(async (file: string, flags: ValidateFlags) => done(await validate(file, flags)))
}

async function validate(file: string, flags: ValidateFlags): Promise<number> {
  const bridge = await createBridge(readConfig(flags, process.env))
  try {
    const opened = await openFile(bridge, file, { sets: flags.set, adopt: false })
    // What `run` would copy into the input folder first counts as there.
    const { prompt, foundMedia, liftedKeys } = opened
    const checked = await bridge.check(prompt, { cloud: 'ask', keys: liftedKeys, foundMedia })
    const estimate = await bridge.estimate(checked, opened.liftedKeys)
    process.stdout.write(
      flags.json
        ? `${writeJson(toJson(file, opened, checked, estimate))}\n`
        : describe(file, opened, checked, estimate),
    )
    return 0
  } catch (error) {
    if (flags.json) {
      process.stdout.write(`${writeJson({ file, ok: false, error: errorJson(error) })}\n`)
    } else process.stderr.write(`${explain(error)}\n`)
    return 2
  } finally {
    await bridge.close()
  }
}

function toJson(file: string, opened: OpenedFile, checked: CheckedPrompt, estimate: GraphEstimate) {
  return {
    file,
    ok: checked.problems.length === 0 && checked.outputs.length > 0,
    report: opened.report,
    runs: { outputs: checked.outputs, nodes: checked.order },
    blocked: checked.failedOutputs,
    estimate,
    warnings: checked.warnings.map(toJsonProblem),
    problems: checked.problems.map(toJsonProblem),
  }
}

function toJsonProblem(problem: Problem) {
  const { nodeId, nodeType, code, details, input = null, dependentOutputs } = problem
  const { message, hint } = sayProblem(problem)
  const words = { message: told(message), hint: hint === undefined ? null : told(hint) }
  return { nodeId, nodeType, code, ...words, details, input, dependentOutputs }
}

function describe(file: string, opened: OpenedFile, checked: CheckedPrompt, estimate: GraphEstimate): string {
  const { report } = opened
  const name = (nodeId: string) => `${nodeId} (${printable(checked.prompt[nodeId]?.class_type ?? '?')})`
  const lines = [
    word('check.file', {
      file: basename(file),
      kind: word(`check.kind.${report.kind}`),
      nodes: counted(report.nodes, 'node'),
    }),
  ]
  const section = (title: string, items: readonly string[]) => {
    if (items.length > 0)
      lines.push('', `${title}${currentLanguage() === 'zh' ? '：' : ':'}`, ...items.map(item => `  ${item}`))
  }
  section(
    word('check.known'),
    report.known.map(({ type, count, nodeIds }) => `${type} ×${count} (${nodeIds.join(', ')})`),
  )
  section(
    word('check.unknown'),
    report.unknown.map(({ type, nodeIds, pack, cutsOff, needsGpu }) => {
      const from = pack === undefined ? '' : word('check.pack', { pack: printable(pack) })
      const cut = cutsOff.length > 0 ? word('check.cutsOff', { nodes: cutsOff.map(name).join(', ') }) : ''
      const why = needsGpu ? word('check.gpu') : ''
      return `${printable(type)} (${nodeIds.join(', ')})${from}${why}${cut}`
    }),
  )
  section(
    word('check.keys'),
    report.keys.map(({ nodeId, input, lastFour }) => word('check.key', { node: nodeId, input, lastFour })),
  )
  section(
    word('check.links'),
    report.brokenLinks.map(({ nodeId, input, why }) =>
      word('check.key', { node: nodeId, input, lastFour: told(why) }),
    ),
  )
  section(
    word('check.notices'),
    report.notices.map(({ nodeId, message }) =>
      printable(
        nodeId === undefined ? told(message) : word('check.notice', { node: nodeId, message: told(message) }),
      ),
    ),
  )
  const said = (problem: Problem) => {
    const words = { code: problem.code, ...sayProblem(problem) }
    return [
      `${name(problem.nodeId)}: ${printable(told(words.message))}`,
      ...advice(words).map(line => `  ${printable(line)}`),
    ]
  }
  section(word('check.warnings'), checked.warnings.flatMap(said))
  section(word('check.problems'), checked.problems.flatMap(said))
  lines.push('')
  if (checked.outputs.length > 0) {
    lines.push(
      word('check.would', {
        nodes: counted(checked.order.length, 'node'),
        outputs: checked.outputs.map(name).join(', '),
      }),
    )
    if (estimate.tasks > 0) lines.push(sayEstimate(estimate))
  } else lines.push(word('check.nothing'))
  if (checked.failedOutputs.length > 0)
    lines.push(word('check.cannot', { outputs: checked.failedOutputs.map(name).join(', ') }))
  return `${lines.join('\n')}\n`
}

type GraphEstimate = Awaited<ReturnType<Bridge['estimate']>>

/** The price as a range with its source, or that nothing is known. */
function sayEstimate({ tasks, coins, money, seconds, currency, source }: GraphEstimate): string {
  if (source.kind === 'unknown') return word('check.priceUnknown', { tasks: counted(tasks, 'task') })
  const range = ({ low, high }: { low: number; high: number }) =>
    low === high ? `${low}` : word('range.to', { low, high })
  const parts = [
    coins ? [word('cost.coins', { coins: range(coins) })] : [],
    money
      ? [currency === null ? word('range.money', { range: range(money) }) : `${range(money)} ${currency}`]
      : [],
    seconds ? [`${range(seconds)} s`] : [],
  ].flat()
  const what = { tasks: counted(tasks, 'task'), parts: joined(parts) }
  if (source.kind === 'preview') return word('check.pricePreview', what)
  const past = counted(source.count, 'task')
  return word(source.kind === 'mixed' ? 'check.priceMixed' : 'check.price', { ...what, past })
}
