import { readFile } from 'node:fs/promises'
import type { RunEvent, RunResult } from '../../server/executor/index.ts'
import type { SandboxTask } from '../../server/sandbox/index.ts'
import { createRandom } from '../../server/sandbox/random.ts'
import { InterruptedError } from '../../server/shared/abort.ts'
import type { Decision, OpenQuestion, TaskRecord } from '../../server/wiring/index.ts'
import { isBad, losesFiles, makePlan, type Piece, type Plan } from './plan.ts'
import { openWorld, type Process, type World } from './world.ts'

/** No run may take longer, whatever befalls it. */
const longestMs = 6 * 3_600_000
const runId = 'run'

export type Outcome = {
  readonly plan: Plan
  readonly wrong: readonly string[]
  readonly story: readonly string[]
  readonly tasks: number
  readonly kills: number
  readonly requests: number
  readonly fakeMs: number
  /** How runs and nodes ended, and what a person was asked. */
  readonly ends: readonly string[]
}

/**
 * Plays one seed: a graph of paid tasks on a bad day, killed, restarted, stopped and with its clock set, and after that once more on a good day.
 * Answers everything that is not as promised.
 */
export async function playSeed(seed: number): Promise<Outcome> {
  const plan = makePlan(seed)
  // Jitter and names, too, are the seed's.
  const { random } = Math
  Math.random = createRandom(seed).next
  const world = await openWorld({ seed, concurrency: plan.concurrency, faults: [...plan.faults] })
  const story: string[] = []
  const wrong: string[] = []
  const ends: string[] = []
  const beganAt = world.clock.now()
  const tell = (what: string) => story.push(`${((world.clock.now() - beganAt) / 1000).toFixed(1)} s: ${what}`)
  try {
    const day = { plan, world, tell, wrong, ends, kills: 0 }
    // Time can always go on: whoever waits for nothing is found out.
    world.clock.schedule(3 * longestMs, () => {})
    await world.clock.run(playDay(day), 2 * longestMs)
    return {
      plan,
      wrong,
      story,
      tasks: world.sandbox.tasks().length,
      kills: day.kills,
      requests: world.sandbox.requests().length,
      fakeMs: world.clock.now() - beganAt,
      ends,
    }
  } catch (error) {
    wrong.push(`it broke: ${error instanceof Error ? error.stack : error}`)
    return { plan, wrong, story, tasks: 0, kills: 0, requests: 0, fakeMs: world.clock.now() - beganAt, ends }
  } finally {
    const seconds = (at: number | null) => (at === null ? '…' : ((at - beganAt) / 1000).toFixed(1))
    for (const { taskId, state, createdAt, endedAt, nodeInfoList } of world.sandbox.tasks()) {
      story.push(
        `task ${taskId} ${state} ${seconds(createdAt)}-${seconds(endedAt)} s: ${nodeInfoList[0]?.fieldValue}`,
      )
    }
    for (const { at, path, status, code } of world.sandbox.requests()) {
      if (!path.startsWith('/output')) story.push(`${seconds(at)} s ${path} ${status} ${code}`)
    }
    await world.close()
    Math.random = random
  }
}

type Day = {
  readonly plan: Plan
  readonly world: World
  readonly tell: (what: string) => void
  readonly wrong: string[]
  readonly ends: string[]
  kills: number
}

async function playDay(day: Day): Promise<void> {
  const { plan, world, wrong } = day
  const beganAt = world.clock.now()
  const bad = await badDay(day)
  const tookMs = world.clock.now() - beganAt
  if (tookMs > longestMs) wrong.push(`the run took ${tookMs / 1000} s`)
  checkErrors(day, bad)

  world.sandbox.clearFaults()
  const process = await openAnswered(day, 'ask')
  // A person who runs it again has all the time there is.
  const prompt = JSON.parse(
    JSON.stringify(plan.prompt).replace(/"run_timeout":\d+/g, '"run_timeout":9999999'),
  )
  const good = await process.run(prompt, { runId: 'again', onEvent: watch(day) })
  day.tell(`run again: ${good.status} ${good.errors.map(error => `${error.nodeId} ${error.code}`)}`)
  checkErrors(day, good)
  await process.bridge.idle()
  const { journal } = process.bridge.state()
  const records = [...journal.ofRun(runId), ...journal.ofRun('again')]
  checkEnd(day, good, records)
  await checkFiles(day, records)
  await process.handOver()
  for (const violation of world.sandbox.violations()) {
    // Whoever is killed in the middle of an upload leaves half a form.
    const isHalf = violation.rule === 'malformed-multipart' && day.kills > 0
    if (!isHalf) wrong.push(`broke a rule: ${JSON.stringify(violation)}`)
  }
}

/** Runs the prompt to its end through everything the plan has for it. */
async function badDay(day: Day): Promise<RunResult> {
  const { plan, world, tell } = day
  const stop = new AbortController()
  let end: ((how: 'killed' | 'handed over') => void) | undefined
  let process: Process | undefined
  let traffic = 0
  const kill = () => {
    if (!process || !end) return
    tell('killed')
    day.kills++
    process.kill()
    end('killed')
    end = undefined
  }
  world.onTraffic = () => {
    if (++traffic === plan.killAtTraffic) queueMicrotask(kill)
  }
  for (const event of plan.events) {
    world.clock.schedule(event.at, () => {
      tell(JSON.stringify(event))
      if (event.do === 'stop') stop.abort(new InterruptedError())
      else if (event.do === 'jump') process?.jump(event.ms)
      else if (event.do === 'kill') kill()
      else if (process && end) {
        const leaving = end
        end = undefined
        void process.handOver().then(() => leaving('handed over'))
      }
    })
  }
  for (;;) {
    const over = new Promise<'killed' | 'handed over'>(resolve => {
      end = resolve
    })
    process = await openAnswered(day, plan.onUnknown)
    const run = process.run(plan.prompt, { runId, signal: stop.signal, onEvent: watch(day) })
    const result = await Promise.race([run, over])
    if (typeof result === 'object' && result.status !== 'interrupted') {
      tell(`the run ended: ${result.status} ${result.errors.map(error => `${error.nodeId} ${error.code}`)}`)
      end = undefined
      await process.handOver()
      return result
    }
    if (typeof result === 'object' && stop.signal.aborted) {
      tell('the run was stopped')
      await Promise.race([process.bridge.idle(), over])
      end = undefined
      await process.handOver()
      return result
    }
    if (typeof result === 'object') await over
    tell('started again')
  }
}

/** A bridge with a person at it, who looks at the site's task list before deciding. */
async function openAnswered(day: Day, onUnknown: 'ask' | 'fail'): Promise<Process> {
  const process = await day.world.open({ onUnknown })
  process.bridge.decisions.onQuestion(question => {
    day.world.clock.schedule(20_000, () => {
      if (!process.isAlive()) return
      const decision = decide(day, process, question)
      day.tell(`asked about ${question.record.nodeId}: ${JSON.stringify(decision)}`)
      process.bridge.decisions.settle(question.record.seq, decision)
      day.ends.push(`asked: ${decision.choice}`)
    })
  })
  return process
}

function decide({ plan, world }: Day, process: Process, { record }: OpenQuestion): Decision {
  const { journal } = process.bridge.state()
  const known = new Set([...journal.ofRun(runId), ...journal.ofRun('again')].map(({ taskId }) => taskId))
  const piece = plan.pieces.find(({ nodeId }) => nodeId === record.nodeId)
  const found = tasksOf(world, piece).find(task => !known.has(task.taskId) && task.state !== 'CANCEL')
  return found ? { choice: 'adopt', taskId: found.taskId } : { choice: 'resubmit' }
}

function tasksOf(world: World, piece: Piece | undefined): SandboxTask[] {
  return world.sandbox
    .tasks()
    .filter(task => task.nodeInfoList.some(({ fieldValue }) => fieldValue === piece?.text))
}

/** Progress as a client of the socket sees it: never over what there is, never backwards within the same work. */
function watch({ wrong }: Day): (event: RunEvent) => void {
  const seen = new Map<string, { phase: string; label: string; done: number; of: number; nodes: number }>()
  return event => {
    if (event.type !== 'node-progressed') return
    const { phase, label = '', done = 0, of = 0, nodesDone: nodes = 0, nodesTotal } = event.progress
    const last = seen.get(event.nodeId)
    const isOver = (of > 0 && done > of) || (nodesTotal !== undefined && nodes > nodesTotal)
    const isSame = last?.phase === phase
    const isBack =
      isSame && (nodes < last.nodes || (last.label === label && last.of === of && done < last.done))
    if (isOver || isBack)
      wrong.push(`progress ${JSON.stringify(event.progress)} after ${JSON.stringify(last)}`)
    seen.set(event.nodeId, { phase, label, done, of, nodes })
  }
}

/** A page that came in place of a file is in none of them. */
async function checkFiles({ wrong }: Day, records: readonly TaskRecord[]): Promise<void> {
  for (const { taskId, result } of records) {
    for (const { asset } of result?.files ?? []) {
      const content = await readFile(asset.path, 'latin1').catch(() => '')
      if (content.includes('<html')) wrong.push(`${asset.name} of ${taskId} is a web page`)
    }
  }
}

function checkErrors({ wrong, ends }: Day, result: RunResult): void {
  ends.push(result.status, ...result.errors.map(({ code }) => code))
  for (const { code, message, hint, nodeId } of result.errors) {
    const isExplained =
      code !== 'node-failed' && message.length > 10 && (hint ?? '').length > 10 && nodeId !== ''
    if (!isExplained) wrong.push(`an end without words: ${nodeId} ${code}: ${message} / ${hint}`)
  }
}

function checkEnd(day: Day, result: RunResult, records: readonly TaskRecord[]): void {
  const { plan, world, wrong } = day
  const dependsOnBad = (piece: Piece): boolean =>
    isBad(piece) || plan.pieces.some(other => other.nodeId === piece.after && dependsOnBad(other))
  for (const piece of plan.pieces) {
    const failed = result.errors.find(error => error.nodeId === piece.nodeId)
    if (failed && !dependsOnBad(piece))
      wrong.push(`${piece.nodeId} failed on a good day: ${failed.code} ${failed.message}`)
    const tasks = tasksOf(world, piece)
    const paidTwice = tasks.slice(0, -1).filter(task => task.state !== 'FAILED' && task.state !== 'CANCEL')
    if (paidTwice.length > 0 && !losesFiles(piece)) {
      wrong.push(
        `${piece.nodeId} was created again beside ${paidTwice.map(task => `${task.taskId} (${task.state})`)}`,
      )
    }
    for (const task of tasks) {
      const record = records.find(({ taskId }) => taskId === task.taskId)
      if (task.state === 'SUCCESS' && record?.state !== 'fetched' && !losesFiles(piece)) {
        wrong.push(`the result of ${task.taskId} (${piece.nodeId}) is lost: ${record?.state ?? 'no record'}`)
      }
      if (task.state === 'RUNNING' || task.state === 'QUEUED') wrong.push(`${task.taskId} still runs`)
    }
  }
}
