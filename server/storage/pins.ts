import type { Asset } from '../../nodes/values.ts'
import type { NodeResult } from '../executor/index.ts'
import { parseJson, writeJson } from '../shared/lossless-json.ts'
import type { Database } from './database.ts'

/** A result somebody froze: it stays whatever becomes of the run, the cache and the files it came with. */
export type StoredPin = {
  readonly pin: string
  readonly runId: string
  readonly nodeId: string
  readonly nodeType: string
  /** Of the result as the cache names it. */
  readonly resultId: string
  /** The node's own in that run. */
  readonly signature: string
  /** Its outputs lie in the pin's own files. */
  readonly result: NodeResult
  /** Files the result shows, and the pin's copy of each. */
  readonly held: readonly HeldFile[]
  readonly bytes: number
  readonly createdAt: number
}

export type HeldFile = { readonly shown: Asset; readonly copy: string }

export type PinStore = {
  add(pin: StoredPin): void
  get(pin: string): StoredPin | undefined
  ofNode(runId: string, nodeId: string): StoredPin | undefined
  all(): readonly Omit<StoredPin, 'result' | 'held'>[]
  count(): number
  /** Answers whether there was one. */
  remove(pin: string): boolean
}

export function createPinStore(database: Database): PinStore {
  const insert = database.prepare(
    `INSERT INTO pins (pin, run_id, node_id, node_type, result_id, signature, result, held, bytes, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const get = database.prepare('SELECT * FROM pins WHERE pin = ?')
  const ofNode = database.prepare('SELECT * FROM pins WHERE run_id = ? AND node_id = ?')
  const all = database.prepare(
    'SELECT pin, run_id, node_id, node_type, result_id, signature, bytes, created_at FROM pins ORDER BY created_at DESC',
  )
  const count = database.prepare('SELECT count(*) AS n FROM pins')
  const remove = database.prepare('DELETE FROM pins WHERE pin = ?')
  return {
    add(pin) {
      insert.run(
        ...[pin.pin, pin.runId, pin.nodeId, pin.nodeType, pin.resultId, pin.signature],
        ...[writeJson(pin.result), writeJson(pin.held), pin.bytes, pin.createdAt],
      )
    },
    get: pin => toPin(get.get(pin)),
    ofNode: (runId, nodeId) => toPin(ofNode.get(runId, nodeId)),
    all: () => all.all().map(factsOf),
    count: () => Number(count.get()?.n ?? 0),
    remove: pin => Number(remove.run(pin).changes) > 0,
  }
}

type Row = Record<string, unknown>

function toPin(row: Row | undefined): StoredPin | undefined {
  if (!row) return undefined
  return {
    ...factsOf(row),
    // Written by `add` from these very types.
    result: parseJson(String(row.result)) as unknown as NodeResult,
    held: parseJson(String(row.held)) as unknown as HeldFile[],
  }
}

function factsOf(row: Row): Omit<StoredPin, 'result' | 'held'> {
  return {
    pin: String(row.pin),
    runId: String(row.run_id),
    nodeId: String(row.node_id),
    nodeType: String(row.node_type),
    resultId: String(row.result_id),
    signature: String(row.signature),
    bytes: Number(row.bytes),
    createdAt: Number(row.created_at),
  }
}
