import { randomUUID } from 'node:crypto'
import type { RunEvent } from '../executor/index.ts'
import type { Bridge, RunRequest } from '../main.ts'
import { openContent } from '../runner/open-file.ts'
import { runOpened } from '../runner/run-opened.ts'
import type { RunReport } from '../runner/run-result.ts'
import { InterruptedError } from '../shared/abort.ts'
import { BridgeError, messageOf } from '../shared/errors.ts'

type Entry = {
  readonly stop: AbortController
  readonly ended: Promise<void>
  phase: string
  report?: RunReport
  failure?: string
}

/** Ended runs that are remembered for a connection. */
const maxEnded = 200

/** Runs of one connection: begun, looked at, stopped. Their journal is on disk; this only knows what this process follows. */
export function createRuns(bridge: Bridge, spending: NonNullable<RunRequest['spending']>) {
  const runs = new Map<string, Entry>()
  const find = (id: string): Entry => {
    const entry = runs.get(id)
    if (entry) return entry
    throw new BridgeError('There is no such run on this connection.', { code: 'bad-run' })
  }

  async function begin(
    content: Uint8Array | string,
    values: Readonly<Record<string, unknown>>,
  ): Promise<string> {
    const sets = Object.entries(values).map(([target, value]) => `${target}=${String(value)}`)
    const opened = await openContent(
      bridge,
      { content, besides: bridge.assets.folders.input },
      { sets, adopt: false },
    )
    bridge.state()
    const checked = await bridge.check(opened.prompt, { cloud: 'ask', keys: opened.liftedKeys })
    const id = randomUUID()
    const stop = new AbortController()
    const entry: Entry = {
      stop,
      phase: 'starting',
      ended: Promise.resolve()
        .then(() =>
          runOpened(
            bridge,
            { opened, checked },
            {
              runId: id,
              signal: stop.signal,
              spending,
              onEvent: event => {
                entry.phase = describe(event) ?? entry.phase
              },
            },
          ),
        )
        .then(
          report => {
            entry.report = report
          },
          (error: unknown) => {
            entry.failure = messageOf(error)
          },
        ),
    }
    runs.set(id, entry)
    forgetOld(runs)
    return id
  }

  return {
    begin,
    /** Waits so long for its end, and tells how it stands. */
    async look(id: string, waitMs: number, signal: AbortSignal) {
      const entry = find(id)
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(Math.max(1, waitMs))])
      const waited = new Promise<void>(resolve =>
        deadline.addEventListener('abort', () => resolve(), { once: true }),
      )
      await Promise.race([entry.ended, waited])
      const { report, failure, phase } = entry
      return {
        runId: id,
        status: report?.status ?? (failure ? ('error' as const) : ('running' as const)),
        phase,
        report,
        failure,
      }
    },
    stop(id: string): void {
      find(id).stop.abort(new InterruptedError())
    },
    async close(): Promise<void> {
      for (const { stop } of runs.values()) stop.abort(new InterruptedError())
      await Promise.all([...runs.values()].map(({ ended }) => ended))
    },
  }
}

function forgetOld(runs: Map<string, Entry>): void {
  const ended = [...runs].filter(([, entry]) => entry.report || entry.failure)
  for (const [id] of ended.slice(0, Math.max(0, ended.length - maxEnded))) runs.delete(id)
}

function describe(event: RunEvent): string | undefined {
  if (event.type === 'node-progressed') {
    const { phase, label, done, of } = event.progress
    const share = done !== undefined && of !== undefined ? ` ${done}/${of}` : ''
    return `node ${event.nodeId}: ${phase}${share}${label === undefined ? '' : ` (${label})`}`
  }
  return event.type === 'node-started' ? `node ${event.nodeId}` : undefined
}
