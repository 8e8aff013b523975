import type { ApiGraph } from '../catalogue/graph.ts'
import { outputNodes } from '../catalogue/graph.ts'
import type { Target } from '../catalogue/index.ts'
import type { Ids } from '../ids.ts'
import type { Account } from '../keys.ts'
import type { Random } from '../random.ts'
import type { Refusal } from '../reply.ts'
import type { FileStore } from '../results/file-store.ts'
import { extensions, type Render } from '../results/render.ts'
import type { Timers } from '../timers.ts'
import type { NodeInfo, TaskKind, TaskState } from '../types.ts'
import { mediaNames, planFiles, promptOf, seedOf, sizeOf } from './result-plan.ts'
import { cacheable, type SocketMessage, scriptOf } from './socket-script.ts'
import { costOf, isActive, type Task, type TaskFile } from './task.ts'

type TaskWish = {
  kind: TaskKind
  target: Target
  account: Account
  graph: ApiGraph
  infos: NodeInfo[]
  /** Whether results carry the graph. */
  metadata: 'written' | 'left-out'
  queue: 'slots' | 'personal'
  webhookUrl: string | null
  /** Of a standard model; everything else is paid by its time. */
  price?: string
}

export type TaskEngine = {
  create(wish: TaskWish): Task | Refusal
  find(taskId: string): Task | undefined
  ofClient(clientId: string): Task | undefined
  all(): Task[]
  counts(account: Account): { running: number; queued: number }
  /** The task ends as CANCEL; false when it had ended before. */
  cancel(task: Task): boolean
  /** Resolves when nothing is being drawn any more. */
  settled(): Promise<void>
}

const queuedMs = 300
const mostTasks = 2000
const mostPersonalTasks = 1000

export function createTaskEngine(parts: {
  timers: Timers
  speed: number
  ids: Ids
  random: Random
  store: FileStore
  render: Render
  concurrency: number
  /** Where an uploaded file lies on disk. */
  findUpload: (fileName: string) => string | undefined
  publish: (task: Task, message: SocketMessage) => void
  onEnd: (task: Task) => void
}): TaskEngine {
  const { timers, speed, ids, random, store, concurrency } = parts
  const tasks = new Map<string, Task>()
  const ranBefore = new Set<string>()
  const drawing = new Set<Promise<void>>()

  const activeOf = (account: Account) =>
    [...tasks.values()].filter(task => task.account === account && isActive(task))

  function create(wish: TaskWish): Task | Refusal {
    const active = activeOf(wish.account)
    const busy = active.filter(task => !task.waiting).length >= concurrency
    const exclusive = wish.account.apiType === 'EXCLUSIVE'
    if (busy && exclusive && wish.queue === 'personal') {
      if (active.length >= mostPersonalTasks) return { code: 814, msg: 'PERSONAL_QUEUE_COUNT_LIMIT' }
    } else if (busy) {
      return exclusive ? { code: 415, msg: 'TASK_INSTANCE_MAXED' } : { code: 421, msg: 'TASK_QUEUE_MAXED' }
    }
    const task = newTask(wish, busy)
    tasks.set(task.id, task)
    forgetOldest()
    if (!task.waiting) launch(task)
    return task
  }

  function newTask(wish: TaskWish, waiting: boolean): Task {
    const { target, graph, infos } = wish
    const folder = ids.hex(32)
    const files = planFiles(target, graph, infos).map(({ spec, nodeId }, index): TaskFile => {
      const fileType = extensions[spec.kind]
      const name = ids.fileName('ComfyUI', index + 1, fileType)
      return { spec, nodeId, name, fileType, urlPath: `/output/${folder}/output/${name}` }
    })
    const isVideo = files.some(file => file.spec.kind === 'video')
    const seconds = isVideo ? random.between(180, 320) : random.between(18, 60)
    const id = ids.next()
    return {
      id,
      kind: wish.kind,
      target,
      account: wish.account,
      clientId: ids.hex(32),
      socketAuth: socketAuth(wish.account, timers.now(), ids),
      promptTips: promptTipsOf(graph),
      state: 'QUEUED',
      createdAt: timers.now(),
      startedAt: null,
      endedAt: null,
      infos,
      graph,
      files,
      wish: {
        prompt: promptOf(graph, infos),
        seed: seedOf(infos, () => String(random.between(1, 2 ** 48))),
        ...sizeOf(graph, infos),
        images: mediaNames(graph, infos).flatMap(name => parts.findUpload(name) ?? []),
        // Results of AI apps carry no metadata (RunningHub: ai-app/run).
        metadata: wish.metadata === 'written' && wish.kind === 'workflow' ? graph : null,
      },
      runMs: target.behaviour.runMs ?? (isVideo ? 8000 : random.between(2500, 3900)),
      cached: ranBefore.has(target.id) ? cacheable(graph) : [],
      cost: costOf(seconds, wish.account, wish.price),
      failedReason: null,
      webhookUrl: wish.webhookUrl,
      waiting,
      stop: () => {},
    }
  }

  function launch(task: Task): void {
    task.waiting = false
    const drawn = draw(task)
    const next = task.target.behaviour.finishQueued
      ? () => void drawn.then(() => end(task, 'SUCCESS'))
      : () => run(task, drawn)
    task.stop = timers.afterTaskTime(queuedMs, next)
  }

  /** Draws while the task still runs, so that its end and its files come together. */
  function draw(task: Task): Promise<void> {
    const { behaviour } = task.target
    const drawAll = async () => {
      // The answer of create goes out before the drawing begins.
      await new Promise(resolve => setImmediate(resolve))
      for (const [index, { spec, urlPath }] of task.files.entries()) {
        const bytes = await parts.render(spec, index, task.wish)
        if (!isActive(task)) return
        await store.put(
          {
            urlPath,
            createdAt: timers.now(),
            targetId: task.target.id,
            ...(behaviour.fileBytesPerSecond ? { bytesPerSecond: behaviour.fileBytesPerSecond } : {}),
            ...(behaviour.fileAnswer ? { answer: behaviour.fileAnswer } : {}),
          },
          bytes,
          spec.kind === 'bulk' ? spec.sizeBytes : undefined,
        )
      }
    }
    const work = drawAll().catch(error => {
      const message = error instanceof Error ? error.message : String(error)
      task.failedReason = reasonOf(task, 'RuntimeError', message)
    })
    drawing.add(work)
    return work.finally(() => drawing.delete(work))
  }

  function run(task: Task, drawn: Promise<void>): void {
    const { behaviour } = task.target
    const startedAt = timers.now()
    task.state = 'RUNNING'
    task.startedAt = startedAt
    ranBefore.add(task.target.id)
    if (behaviour.ending)
      task.failedReason = reasonOf(task, 'TypeError', "'NoneType' object is not subscriptable")
    const lines = scriptOf({
      taskId: task.id,
      graph: task.graph,
      runMs: task.runMs,
      cached: task.cached,
      files: task.files.map(({ nodeId, spec, name }) => ({ nodeId, kind: spec.kind, name })),
      ...(behaviour.socket ? { socket: behaviour.socket } : {}),
      ...(task.failedReason
        ? { failsAt: { nodeId: String(task.failedReason.node_id), reason: task.failedReason } }
        : {}),
    })
    let next = 0
    let ready = false
    const step = () => {
      if (!isActive(task)) return
      // A millisecond of slack: timers may ring a fraction early.
      const atMs = (timers.now() - startedAt + 1) * speed
      for (let line = lines[next]; line && line.atMs <= atMs; line = lines[next]) {
        const last = next === lines.length - 1
        // What the socket says is true: no file is announced, and no end, before the files are there.
        if (!ready && (last || line.message.type === 'executed')) return void drawn.then(goOn)
        parts.publish(task, line.message)
        next++
        if (last) return end(task, task.failedReason ? 'FAILED' : 'SUCCESS')
      }
      const line = lines[next]
      if (line) task.stop = timers.after(startedAt + line.atMs / speed - timers.now(), step)
    }
    const goOn = () => {
      ready = true
      step()
    }
    step()
  }

  function end(task: Task, state: TaskState): void {
    if (!isActive(task)) return
    task.state = state
    task.endedAt = timers.now()
    if (state === 'SUCCESS') {
      task.account.coins -= Number(task.cost.coins ?? 0)
      task.account.money -= Number(task.cost.money ?? task.cost.thirdPartyMoney ?? 0)
    }
    parts.onEnd(task)
    const waiting = activeOf(task.account).find(other => other.waiting)
    if (waiting) launch(waiting)
  }

  function forgetOldest(): void {
    for (const task of tasks.values()) {
      if (tasks.size <= mostTasks) return
      if (isActive(task)) continue
      tasks.delete(task.id)
      for (const file of task.files) store.forget(file.urlPath)
    }
  }

  return {
    create,
    find: taskId => tasks.get(taskId),
    ofClient: clientId => [...tasks.values()].find(task => task.clientId === clientId),
    all: () => [...tasks.values()],
    counts(account) {
      const active = activeOf(account)
      const running = active.filter(task => task.state === 'RUNNING').length
      return { running, queued: active.length - running }
    },
    cancel(task) {
      if (!isActive(task)) return false
      task.stop()
      end(task, 'CANCEL')
      return true
    },
    async settled() {
      await Promise.allSettled(drawing)
    },
  }
}

/** ComfyUI's answer to a prompt, as Python writes it (RunningHub: promptTips is JSON in a string). */
function promptTipsOf(graph: ApiGraph): string {
  const outputs = outputNodes(graph).map(nodeId => JSON.stringify(nodeId))
  return `{"result": true, "error": null, "outputs_to_execute": [${outputs.join(', ')}], "node_errors": {}}`
}

function reasonOf(task: Task, exceptionType: string, message: string): Record<string, unknown> {
  const nodeId = task.graph['3'] ? '3' : (Object.keys(task.graph)[0] ?? '')
  // The last three are JSON inside strings (RunningHub: failedReason).
  return {
    node_id: nodeId,
    node_name: task.graph[nodeId]?.class_type ?? '',
    exception_type: exceptionType,
    exception_message: message,
    traceback: JSON.stringify([
      `  File "execution.py", line 327, in execute\n`,
      `${exceptionType}: ${message}\n`,
    ]),
    current_inputs: '{}',
    current_outputs: '{}',
  }
}

function socketAuth(account: Account, now: number, ids: Ids): string {
  const week = 7 * 24 * 3600_000
  const content = { userId: account.userId, signExpire: now + week, ts: now, sign: ids.hex(32) }
  return Buffer.from(JSON.stringify(content)).toString('base64')
}
