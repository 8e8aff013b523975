import { basename } from 'node:path'
import type { Command } from 'commander'
import { readConfig } from '../config.ts'
import { type CheckedPrompt, sayProblem } from '../executor/index.ts'
import { type Bridge, createBridge } from '../main.ts'
import { type OpenedFile, openFile } from '../runner/open-file.ts'
import { BridgeError, messageOf } from '../shared/errors.ts'
import { writeJson } from '../shared/lossless-json.ts'
import { explain, plural, printable } from './print.ts'

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
      const { code, hint = null } = error instanceof BridgeError ? error : { code: 'unexpected' }
      const message = messageOf(error)
      process.stdout.write(`${writeJson({ file, ok: false, error: { code, message, hint } })}\n`)
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
    problems: checked.problems.map(problem => {
      const { nodeId, nodeType, code, details, input = null, dependentOutputs } = problem
      const { message, hint = null } = sayProblem(problem)
      return { nodeId, nodeType, code, message, details, hint, input, dependentOutputs }
    }),
  }
}

const kinds: Readonly<Record<OpenedFile['report']['kind'], string>> = {
  'workflow-0.4': 'a ComfyUI workflow (version 0.4)',
  'workflow-1': 'a ComfyUI workflow (version 1)',
  prompt: 'a prompt (API format)',
  wrapper: 'a prompt in a wrapper',
  'png-workflow': 'a PNG with a workflow',
  'png-prompt': 'a PNG with a prompt',
  'media-workflow': 'a picture, video or sound with a workflow',
  'media-prompt': 'a picture, video or sound with a prompt',
}

function describe(file: string, opened: OpenedFile, checked: CheckedPrompt, estimate: GraphEstimate): string {
  const { report } = opened
  const name = (nodeId: string) => `${nodeId} (${printable(checked.prompt[nodeId]?.class_type ?? '?')})`
  const lines = [`${basename(file)} is ${kinds[report.kind]} with ${plural(report.nodes, 'node')}.`]
  const section = (title: string, items: readonly string[]) => {
    if (items.length > 0) lines.push('', `${title}:`, ...items.map(item => `  ${item}`))
  }
  section(
    'Nodes known here',
    report.known.map(({ type, count, nodeIds }) => `${type} ×${count} (${nodeIds.join(', ')})`),
  )
  section(
    'Node types that are not there yet (kept in the file, not run)',
    report.unknown.map(({ type, nodeIds, pack, cutsOff, needsGpu }) => {
      const from = pack === undefined ? '' : `, of ${printable(pack)}`
      const cut = cutsOff.length > 0 ? `; cuts off ${cutsOff.map(name).join(', ')}` : ''
      const why = needsGpu ? '; needs a GPU: run it in the cloud workflow' : ''
      return `${printable(type)} (${nodeIds.join(', ')})${from}${why}${cut}`
    }),
  )
  section(
    'API keys in the file (moved out of every copy that is made)',
    report.keys.map(({ nodeId, input, lastFour }) => `node ${nodeId}, ${input}: ${lastFour}`),
  )
  section(
    'Links to nothing',
    report.brokenLinks.map(({ nodeId, input, why }) => `node ${nodeId}, ${input}: ${why}`),
  )
  section(
    'Notices',
    report.notices.map(({ nodeId, message }) =>
      printable(nodeId === undefined ? message : `node ${nodeId}: ${message}`),
    ),
  )
  section(
    'Problems',
    checked.problems.flatMap(problem => {
      const { message, hint } = sayProblem(problem)
      return [
        `${name(problem.nodeId)}: ${printable(message)}`,
        ...(hint === undefined ? [] : [`  ${printable(hint)}`]),
      ]
    }),
  )
  lines.push('')
  if (checked.outputs.length > 0) {
    lines.push(
      `Would run: ${plural(checked.order.length, 'node')} for ${checked.outputs.map(name).join(', ')}.`,
    )
    if (estimate.tasks > 0) lines.push(sayEstimate(estimate))
  } else lines.push('Nothing of it would run.')
  if (checked.failedOutputs.length > 0)
    lines.push(`Cannot run: ${checked.failedOutputs.map(name).join(', ')}.`)
  return `${lines.join('\n')}\n`
}

type GraphEstimate = Awaited<ReturnType<Bridge['estimate']>>

/** The price as a range with its source, or that nothing is known. */
function sayEstimate({ tasks, coins, money, seconds, source }: GraphEstimate): string {
  if (source.kind === 'unknown') return `${plural(tasks, 'RunningHub task')}, price unknown.`
  const range = ({ low, high }: { low: number; high: number }) =>
    low === high ? `${low}` : `${low} to ${high}`
  const parts = [
    coins ? [`${range(coins)} coins`] : [],
    money ? [`${range(money)} in money`] : [],
    seconds ? [`${range(seconds)} s`] : [],
  ].flat()
  return `${plural(tasks, 'RunningHub task')}, about ${parts.join(', ')} (by the last ${plural(source.count, 'task')}).`
}
