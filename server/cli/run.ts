import { basename, extname } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { readConfig } from '../config.ts'
import { type CheckedPrompt, type ErrorReport, sayProblem } from '../executor/index.ts'
import { type Bridge, createBridge } from '../main.ts'
import { fileOfPath } from '../notifications.ts'
import { forceOf, type OpenedFile, openFile } from '../runner/open-file.ts'
import { runOpened } from '../runner/run-opened.ts'
import type { RunReport } from '../runner/run-result.ts'
import { InterruptedError } from '../shared/abort.ts'
import { systemClock } from '../shared/clock.ts'
import { writeJson } from '../shared/lossless-json.ts'
import { askOnTerminal } from './ask-unknown.ts'
import { addNotifyOptions, type NotifyFlags, openNotifications, untilTold } from './notify.ts'
import {
  addPlaceOptions,
  collect,
  type PlaceFlags,
  readCoins,
  readUnknownPolicy,
  type UnknownPolicy,
} from './options.ts'
import { advice, errorJson, explain, formatBytes, formatDuration, printable, shownPath } from './print.ts'
import { costText, createLiveView, createPlainView } from './run-view.ts'
import { counted, currentLanguage, told, word } from './words/index.ts'

export type RunFlags = NotifyFlags &
  PlaceFlags & {
    set: string[]
    outputDir?: string
    json?: boolean
    verbose?: boolean
    cache: boolean
    check: boolean
    force: string[]
    metadata: boolean
    timeout?: number
    onUnknown?: UnknownPolicy
    capCoins?: number
  }

export function addRunCommand(program: Command, done: (code: number) => void): void {
  addRunOptions(program.command('run'))
    .description('run a workflow file and leave the results as files')
    .argument('<file>', 'workflow JSON, API JSON, or a PNG that carries either')
    .action(async (file: string, flags: RunFlags) =>
      done(
        await runSource(flags, async bridge => ({
          name: basename(file, extname(file)),
          opened: await openFile(bridge, file, { sets: flags.set, adopt: true }),
        })),
      ),
    )
}

/** What every command that runs a graph takes. */
export function addRunOptions(command: Command): Command {
  return addPlaceOptions(addNotifyOptions(command))
    .option('--set <NODE.INPUT=VALUE>', 'set a value; NODE is an id or a title; may be repeated', collect, [])
    .option('--output-dir <dir>', 'where results go (default: output in the data folder)')
    .option('--json', 'print one JSON object on standard output and nothing else')
    .option('--verbose', 'show the whole message of what failed, with its traceback')
    .option('--no-cache', 'make everything anew that is not frozen')
    .option(
      '--force <NODE>',
      'make this node anew and what follows from it, frozen or not; an id or a title; may be repeated',
      collect,
      [],
    )
    .option('--no-check', 'send to RunningHub even what it is known to refuse')
    .option('--no-metadata', 'leave workflow and prompt out of saved PNG files')
    .option(
      '--on-unknown <ask|fail|resubmit>',
      'when the answer to a create is lost and a paid task may exist (default: ask on a terminal, else fail)',
      readUnknownPolicy,
    )
    .option('--cap-coins <n>', 'create nothing more when this run has cost so many coins', readCoins)
    .option('--timeout <seconds>', 'stop the whole run after this long', readSeconds)
}

/** Runs what `open` gives under a name for people, and prints. Answers the exit code. */
export async function runSource(
  flags: RunFlags,
  open: (bridge: Bridge) => Promise<{ readonly name: string; readonly opened: OpenedFile }>,
): Promise<number> {
  const canAsk = process.stdin.isTTY && process.stderr.isTTY && !flags.json
  const config = readConfig(
    { ...flags, onUnknown: flags.onUnknown ?? (canAsk ? 'ask' : 'fail') },
    process.env,
  )
  const bridge = await createBridge(config)
  let notifications: ReturnType<typeof openNotifications> | undefined
  try {
    notifications = openNotifications(bridge, flags)
    const { name, opened } = await open(bridge)
    // Opened now, so that what the check learns of the cloud is kept.
    bridge.state()
    const checked = await bridge.check(opened.prompt, {
      cloud: flags.check ? 'ask' : 'off',
      keys: opened.liftedKeys,
      force: forceOf(bridge, opened.prompt, { nodes: flags.force, everything: !flags.cache }),
    })
    if (!flags.json) tellBefore(bridge, opened, checked, flags.verbose ?? false)
    const report = await execute(bridge, opened, checked, flags)
    if (flags.json) process.stdout.write(`${writeJson(inLanguage(report))}\n`)
    else tellAfter(report, checked, flags.verbose ?? false)
    if (flags.notifyUrl !== undefined)
      await untilTold(notifications, notifications.runEnded(endOf(name, report)))
    return report.status === 'success' ? 0 : report.status === 'interrupted' ? 130 : 1
  } catch (error) {
    if (flags.json) process.stdout.write(`${writeJson(unusable(error))}\n`)
    else process.stderr.write(`${explain(error)}\n`)
    return 2
  } finally {
    await notifications?.close()
    await bridge.close()
  }
}

/** The report as it is told to --notify-url. */
function endOf(name: string, { runId, status, durationMs, outputs, errors, tasks }: RunReport) {
  return {
    ...{ id: runId, name, status, durationMs, errors },
    outputs: outputs.flatMap(({ nodeId, files }) => files.map(file => fileOfPath(nodeId, file))),
    tasks: tasks.map(({ nodeId, taskId, status, coins, money }) => ({
      ...{ nodeId, taskId, status, coins, money },
    })),
  }
}

async function execute(
  bridge: Bridge,
  opened: OpenedFile,
  checked: CheckedPrompt,
  flags: RunFlags,
): Promise<RunReport> {
  const stop = listenForStop(flags.timeout)
  const names = (nodeId: string) => nameOf(bridge, checked, nodeId)
  const view = flags.json
    ? { show() {}, pause() {}, resume() {}, end() {} }
    : process.stderr.isTTY
      ? createLiveView(process.stderr, names)
      : createPlainView(process.stderr, names)
  if (bridge.config.onUnknown === 'ask') askOnTerminal(bridge, view, stop.signal)
  try {
    return await runOpened(
      bridge,
      { opened, checked },
      {
        signal: stop.signal,
        onEvent: view.show,
        extraErrors: stop.errors,
        ...(flags.capCoins !== undefined && { spending: { capCoins: flags.capCoins } }),
      },
    )
  } finally {
    view.end()
    stop.release()
  }
}

/** Ctrl-C stops the run and its cloud tasks; pressed again it ends the program. So does --timeout, as an error. */
function listenForStop(timeoutSeconds: number | undefined) {
  const controller = new AbortController()
  let timedOut = false
  let pressed = false
  const onSignal = () => {
    if (pressed) process.exit(130)
    pressed = true
    process.stderr.write(`${word('run.stopping')}\n`)
    controller.abort(new InterruptedError())
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  const cancelTimer =
    timeoutSeconds === undefined
      ? () => {}
      : systemClock.schedule(timeoutSeconds * 1000, () => {
          if (pressed) return
          timedOut = true
          controller.abort(new InterruptedError('the time is over'))
        })
  return {
    signal: controller.signal,
    errors: (): ErrorReport[] =>
      timedOut
        ? [
            {
              nodeId: '',
              nodeType: '',
              code: 'run-timeout',
              message: `The run was not done within ${timeoutSeconds} s (--timeout) and was stopped.`,
              hint: 'Give it more time; the tasks list says what became of its cloud tasks.',
            },
          ]
        : [],
    release() {
      cancelTimer()
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
    },
  }
}

function nameOf(bridge: Bridge, checked: CheckedPrompt, nodeId: string): string {
  const node = checked.prompt[nodeId]
  const title = node?._meta?.title
  const definition = bridge.catalogue.find(node?.class_type ?? '')?.definition
  const shown =
    title ?? definition?.words?.[currentLanguage()]?.title ?? definition?.displayName ?? node?.class_type
  return `${printable(shown ?? '')} (${nodeId})`
}

function tellBefore(bridge: Bridge, opened: OpenedFile, checked: CheckedPrompt, isVerbose: boolean): void {
  const { stderr } = process
  for (const key of opened.report.keys) {
    const { nodeId: node, input, lastFour } = key
    stderr.write(`${word('run.key', { node, input, lastFour })}\n`)
  }
  for (const problem of checked.problems) {
    const { nodeId, nodeType } = problem
    tellError({ nodeId, nodeType, code: problem.code, ...sayProblem(problem) }, isVerbose)
  }
  for (const warning of checked.warnings) {
    const { nodeId: node, nodeType: type, code } = warning
    const { message, hint } = sayProblem(warning)
    stderr.write(`! ${word('run.node', { node, type, message: printable(told(message)) })}\n`)
    for (const line of advice({ code, ...(hint !== undefined && { hint }) }))
      stderr.write(`  ${printable(line)}\n`)
  }
  for (const nodeId of checked.order) {
    if (checked.frozen.has(nodeId))
      stderr.write(`${word('run.frozen', { node: nameOf(bridge, checked, nodeId) })}\n`)
  }
  if (checked.failedOutputs.length > 0 && checked.outputs.length > 0) {
    stderr.write(`${word('run.part', { outputs: counted(checked.outputs.length, 'output') })}\n`)
  }
}

type Told = {
  nodeId: string
  nodeType: string
  code: string
  message: string
  hint?: string | null
  taskId?: string | null
}

/** The cause in one line, what to do, and the traceback as far as it is wanted. */
function tellError(error: Told, isVerbose: boolean): void {
  const { nodeId, nodeType, taskId } = error
  const [first = '', ...rest] = error.message.split('\n')
  const task = taskId && !first.includes(taskId) ? ` [task ${taskId}]` : ''
  const message = `${printable(told(first))}${task}`
  const values = { node: printable(nodeId), type: printable(nodeType), message }
  const lines = [`✖ ${nodeId ? word('run.node', values) : message}`]
  if (isVerbose) lines.push(...rest.map(line => `    ${printable(line)}`))
  else if (rest.length > 0) lines.push(`  ${word('run.more', { lines: rest.length })}`)
  lines.push(...advice(error).map(line => `  ${printable(line)}`))
  process.stderr.write(`${lines.join('\n')}\n`)
}

function tellAfter(report: RunReport, checked: CheckedPrompt, isVerbose: boolean): void {
  const { stdout, stderr } = process
  for (const output of report.outputs) {
    for (const file of output.files) stdout.write(`${shownPath(file.path)} (${formatBytes(file.bytes)})\n`)
    if (output.text !== null && output.files.length === 0) stdout.write(`${printable(output.text)}\n`)
  }
  // The first ones are the problems, told before the run.
  for (const error of report.errors.slice(checked.problems.length)) tellError(error, isVerbose)
  for (const task of report.tasks) {
    stderr.write(`${word('run.task', { task: task.taskId, summary: summaryText(task, report.runId) })}\n`)
  }
  stderr.write(`${word(`run.${report.status}`, { time: formatDuration(report.durationMs) })}\n`)
}

/** One task in one line: how it ended, what it took, cost and waited for, and where it can be seen. */
function summaryText(task: RunReport['tasks'][number], runId: string): string {
  const { report } = task
  const parts = [`${task.status}${costText(task)}`]
  if (report) {
    const { files, bytes, waitedMs, retries, note } = report
    if (files > 0) parts.push(`${counted(files, 'file')}, ${formatBytes(bytes)}`)
    if (waitedMs >= 1000) parts.push(word('task.waited', { seconds: Math.round(waitedMs / 1000) }))
    if (retries > 0) parts.push(word('task.retried', { times: counted(retries, 'time') }))
    if (report.createdBy !== runId) parts.push(word('task.earlier'))
    if (note !== null) parts.push(printable(told(note)))
    if (report.recordPage !== null) parts.push(report.recordPage)
  }
  return parts.join(' · ')
}

/** Codes stay, words follow the language. */
function inLanguage(report: RunReport): RunReport {
  const errors = report.errors.map(error => ({
    ...error,
    message: told(error.message),
    hint: error.hint === null ? null : told(error.hint),
  }))
  return { ...report, errors }
}

/** `--json` for a file or arguments that cannot be used: the same form, nothing run. */
function unusable(error: unknown): RunReport {
  return {
    status: 'error',
    runId: '',
    durationMs: 0,
    outputs: [],
    errors: [{ nodeId: '', nodeType: '', ...errorJson(error), taskId: null }],
    tasks: [],
    cached: [],
  }
}

function readSeconds(text: string): number {
  const seconds = Number(text)
  if (Number.isFinite(seconds) && seconds > 0) return seconds
  throw new InvalidArgumentError('It is a number of seconds above 0.')
}
