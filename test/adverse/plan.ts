import {
  type FaultAction,
  type FaultPlace,
  type FaultRule,
  specialWorkflows,
} from '../../server/sandbox/index.ts'
import { createRandom, type Random } from '../../server/sandbox/random.ts'
import type { JsonValue } from '../../server/shared/lossless-json.ts'
import type { Prompt } from '../../server/shared/prompt.ts'

/** One piece of paid work: its text names it at the cloud. */
export type Piece = {
  readonly nodeId: string
  readonly text: string
  readonly targetId: string
  readonly isApp: boolean
  /** The piece whose picture it is fed. */
  readonly after: string | undefined
  readonly timeoutS: number
}

/** What befalls the run, in milliseconds since its start. */
export type Event =
  | { readonly at: number; readonly do: 'kill' | 'hand-over' | 'stop' }
  | { readonly at: number; readonly do: 'jump'; readonly ms: number }

export type Plan = {
  readonly seed: number
  readonly pieces: readonly Piece[]
  readonly prompt: Prompt
  readonly concurrency: number
  readonly onUnknown: 'ask' | 'fail'
  readonly faults: readonly FaultRule[]
  readonly events: readonly Event[]
  /** The process is killed at this step of its network traffic. */
  readonly killAtTraffic: number | undefined
}

const picture = '1867632304280715265'
const special = specialWorkflows
/** Whatever goes wrong on the way, these come to their results. */
const goodTargets = [
  ...Array.from({ length: 8 }, () => picture),
  ...[special.text, special.latent, special.audio, special.unknownFiles, special.createWithoutUrl],
  ...[special.finishesQueued, special.runsAsNull, special.runsWithoutUrl, special.silentSocket],
  ...[special.brokenSocket, special.earlySuccess, special.successPerNode, special.dropsSocket],
  ...[special.refusesSocket, special.slow, special.slowFile, special.mixed, special.nothing],
].map(target => (typeof target === 'string' ? target : target.id))
/** These fail, whatever goes right. */
const badTargets = [
  ...[
    special.fails,
    special.failsWithoutReason,
    special.fails500,
    special.expiredFile,
    special.forbiddenFile,
  ],
  ...[special.neverRun, special.workflowGone, special.promptRefused],
].map(target => target.id)
/** Done in the cloud, but their files cannot be had. */
const lostFiles = new Set<string>([special.expiredFile.id, special.forbiddenFile.id])

export const isBad = (piece: Piece): boolean => badTargets.includes(piece.targetId)
export const losesFiles = (piece: Piece): boolean => lostFiles.has(piece.targetId)
const givesPicture = (piece: Piece): boolean =>
  piece.targetId === picture ||
  piece.targetId === special.slow.id ||
  piece.targetId === special.dropsSocket.id

/** Everything that happens to one seed. */
export function makePlan(seed: number): Plan {
  const random = createRandom(seed * 2_654_435_761)
  const pick = <T>(list: readonly T[]): T => list[random.between(0, list.length - 1)] as T
  const chance = (share: number) => random.next() < share
  const pieces: Piece[] = []
  for (let index = 0; index < random.between(1, 5); index++) {
    const sources = pieces.filter(givesPicture)
    const twin = chance(0.1) ? pieces.find(piece => piece.after === undefined) : undefined
    pieces.push({
      nodeId: `e${index}`,
      text: twin?.text ?? `piece ${index} of ${seed}`,
      targetId: twin?.targetId ?? (chance(0.12) ? pick(badTargets) : pick(goodTargets)),
      isApp: twin?.isApp ?? chance(0.2),
      after: twin === undefined && sources.length > 0 && chance(0.4) ? pick(sources).nodeId : undefined,
      timeoutS: pick([5, 60, 600, 600, 9_999_999]),
    })
  }
  return {
    seed,
    pieces,
    prompt: promptOf(pieces),
    concurrency: random.between(1, 4),
    onUnknown: chance(0.6) ? 'ask' : 'fail',
    faults: Array.from({ length: random.between(0, 7) }, () => randomFault(random, pick, chance)),
    events: Array.from({ length: pick([0, 0, 0, 1, 1, 2, 3]) }, (): Event => {
      const at = random.between(0, pick([2_000, 10_000, 90_000]))
      const what = pick(['kill', 'kill', 'hand-over', 'stop', 'jump', 'jump'] as const)
      if (what !== 'jump') return { at, do: what }
      return { at, do: what, ms: pick([1, -1]) * pick([1_000, 60_000, 3_600_000, 30 * 24 * 3_600_000]) }
    }).sort((a, b) => a.at - b.at),
    killAtTraffic: chance(0.35) ? random.between(1, 120) : undefined,
  }
}

function promptOf(pieces: readonly Piece[]): Prompt {
  const nodes: Record<string, { class_type: string; inputs: Record<string, JsonValue> }> = {}
  const add = (id: string, class_type: string, inputs: Record<string, JsonValue>) => {
    nodes[id] = { class_type, inputs }
  }
  for (const { nodeId, text, targetId, isApp, after, timeoutS } of pieces) {
    add(`s${nodeId}`, 'RH_SettingsNode', { base_url: '', apiKey: '', workflowId_webappId: targetId })
    add(`t${nodeId}`, 'RH_NodeInfoListNode', { nodeId: 6, fieldName: 'text', fieldValue: text })
    if (after !== undefined) {
      add(`u${nodeId}`, 'RH_ImageUploaderNode', { apiConfig: [`s${nodeId}`, 0], image: [after, 0] })
      const previous = { previousNodeInfoList: [`t${nodeId}`, 0] }
      add(`i${nodeId}`, 'RH_NodeInfoListNode', {
        ...{ nodeId: 19, fieldName: 'image', fieldValue: [`u${nodeId}`, 0] },
        ...previous,
      })
    }
    add(nodeId, 'RH_ExecuteNode', {
      apiConfig: [`s${nodeId}`, 0],
      nodeInfoList: [after === undefined ? `t${nodeId}` : `i${nodeId}`, 0],
      run_timeout: timeoutS,
      concurrency_limit: 1,
      is_webapp_task: isApp,
    })
  }
  return nodes
}

const html = '<html><head><title>busy</title></head><body>Please wait.</body></html>'
const page = (status: number): FaultAction => ({ kind: 'http', status, body: html, contentType: 'text/html' })
const says = (code: number, msg = 'as the cloud says'): FaultAction => ({ kind: 'code', code, msg })
const breaks: readonly FaultAction[] = [
  ...([{ kind: 'hang' }, { kind: 'reset' }, { kind: 'garbage' }, { kind: 'empty' }] as const),
  ...([
    { kind: 'truncate', afterBytes: 30 },
    { kind: 'delay', ms: 3_000 },
    { kind: 'delay', ms: 45_000 },
  ] as const),
  ...([{ kind: 'slow', bytesPerSecond: 200 }] as const),
  ...[200, 401, 429, 500, 502, 503, 504].map(page),
]
const onCreate: readonly FaultAction[] = [
  ...[421, 421, 421, 415, 814, 1003, 1011, 1520, 500, 1000, 1005, 1010, 1012, 999, 416, 802].map(code =>
    says(code),
  ),
  ...([
    { kind: 'commit-then-reset' },
    { kind: 'commit-then-hang' },
    { kind: 'commit-late', ms: 1_500 },
  ] as const),
  ...[502, 504, 200].map((status): FaultAction => ({ ...page(status), kind: 'commit-then-http', status })),
  { kind: 'http', status: 503, body: '{"code":1011,"msg":"busy"}' },
  { kind: 'delay', ms: 70_000 },
]
const onAsk = [...[-1, 500, 807, 1004, 1003, 1005, 1010, 301, 802, 12_345].map(code => says(code))]
const special200 = (data: JsonValue): FaultAction => ({
  kind: 'http',
  status: 200,
  body: JSON.stringify({ code: 0, msg: 'success', data }),
})
const odd = [special200(null), special200([]), special200({ taskStatus: 'RUNNING' }), special200('RUNNING')]
const onFile: readonly FaultAction[] = [
  ...([
    { kind: 'truncate', afterBytes: 1_000 },
    { kind: 'truncate', afterBytes: 9_000 },
  ] as const),
  ...([
    { kind: 'slow', bytesPerSecond: 3_000 },
    { kind: 'slow', bytesPerSecond: 300 },
  ] as const),
  ...[404, 416].map(page),
]
const placed: readonly (readonly [FaultPlace, readonly FaultAction[]])[] = [
  ['create', [...breaks, ...onCreate, ...onCreate]],
  ['outputs', [...breaks, ...onAsk, ...odd]],
  ['file', [...breaks, ...onFile]],
  ['upload', [...breaks, says(-1), says(808), { kind: 'http', status: 401, body: '{"code":-1,"msg":"no"}' }]],
  ['socket', [{ kind: 'reset' }, { kind: 'hang' }, page(403), { kind: 'garbage' }, { kind: 'empty' }]],
  ['cancel', [...breaks, says(423), says(807), says(500)]],
  ['account', [...breaks, says(1601), special200(null)]],
  ['status', [...breaks, ...onAsk]],
  ['json', breaks],
  ['*', breaks],
]

function randomFault(
  random: Random,
  pick: <T>(list: readonly T[]) => T,
  chance: (share: number) => boolean,
): FaultRule {
  const [on, actions] = pick([...placed, ...placed.slice(0, 3)])
  const action = pick(actions)
  // What lasts long comes seldom, or six hours of fake time would be nothing but it.
  const times = random.between(1, pick([1, 2, 6]))
  return chance(0.3)
    ? { on, do: action, times: 2 * times, probability: random.between(5, 40) / 100 }
    : { on, do: action, times, skip: random.between(0, 6) }
}
