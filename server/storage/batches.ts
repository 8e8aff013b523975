import type { Batch, BatchRow, BatchState, BatchStore, Row, RowState } from '../batch/index.ts'
import { type JsonValue, parseJson, writeJson } from '../shared/lossless-json.ts'
import type { Prompt } from '../shared/prompt.ts'
import { type Database, inTransaction } from './database.ts'

type Stored = Record<string, unknown>

/** Batches and their rows. */
export function createBatchStore(database: Database): BatchStore {
  const addBatch = database.prepare(
    `INSERT INTO batches (id, title, prompt, workflow, mapping, name, parallel, cap_coins, columns, state, why, created_at, watched)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
  )
  const addRow = database.prepare(
    "INSERT INTO batch_rows (batch_id, row, row_values, state) VALUES (?, ?, ?, 'waiting')",
  )
  const appendRow = database.prepare(
    `INSERT INTO batch_rows (batch_id, row, row_values, state)
     SELECT ?, coalesce(max(row) + 1, 0), ?, 'waiting' FROM batch_rows WHERE batch_id = ? RETURNING row`,
  )
  const find = database.prepare('SELECT * FROM batches WHERE id = ?')
  const list = database.prepare('SELECT * FROM batches ORDER BY created_at DESC, rowid DESC')
  const setState = database.prepare('UPDATE batches SET state = ?, why = ? WHERE id = ?')
  const setParallel = database.prepare('UPDATE batches SET parallel = ? WHERE id = ?')
  const setCap = database.prepare('UPDATE batches SET cap_coins = ? WHERE id = ?')
  const nextRow = database.prepare(
    "SELECT * FROM batch_rows WHERE batch_id = ? AND state = 'waiting' ORDER BY row LIMIT 1",
  )
  const take = database.prepare(
    `UPDATE batch_rows SET state = 'running', run_id = ?, started_at = ?, finished_at = NULL, error = NULL
     WHERE batch_id = ? AND row = ? RETURNING *`,
  )
  const end = database.prepare(
    `UPDATE batch_rows SET state = ?, files = ?, text = ?, error = ?, task_ids = ?, coins = ?, finished_at = ?
     WHERE batch_id = ? AND row = ?`,
  )
  const requeue = database.prepare("UPDATE batch_rows SET state = 'waiting' WHERE batch_id = ? AND state = ?")
  const page = database.prepare('SELECT * FROM batch_rows WHERE batch_id = ? ORDER BY row LIMIT ? OFFSET ?')
  const pageOf = database.prepare(
    'SELECT * FROM batch_rows WHERE batch_id = ? AND state = ? ORDER BY row LIMIT ? OFFSET ?',
  )
  const counts = database.prepare(
    'SELECT state, count(*) AS n, sum(coins) AS coins FROM batch_rows WHERE batch_id = ? GROUP BY state',
  )
  const durations = database.prepare(
    `SELECT finished_at - started_at AS ms FROM batch_rows WHERE batch_id = ? AND state = 'done'
     ORDER BY finished_at DESC LIMIT ?`,
  )
  const columns = database.prepare('SELECT columns FROM batches WHERE id = ?')
  const removeRows = database.prepare('DELETE FROM batch_rows WHERE batch_id = ?')
  const remove = database.prepare('DELETE FROM batches WHERE id = ?')

  return {
    add(batch, rows, columns = [...new Set(rows.flatMap(row => Object.keys(row)))]) {
      inTransaction(database, () => {
        const { id, title, prompt, workflow, mapping, name, parallel, capCoins, state, why, createdAt } =
          batch
        const { changes } = addBatch.run(
          ...[id, title, writeJson(prompt), workflow === undefined ? null : writeJson(workflow)],
          ...[
            writeJson(mapping),
            name,
            parallel,
            capCoins ?? null,
            writeJson(columns),
            state,
            why,
            createdAt,
          ],
          batch.watched ?? null,
        )
        if (changes > 0) rows.forEach((row, index) => void addRow.run(id, index, writeJson(row)))
      })
    },
    append: (id, row) => Number(appendRow.get(id, writeJson(row), id)?.row),
    find(id) {
      const row = find.get(id)
      return row && toBatch(row)
    },
    list: () => list.all().map(toBatch),
    setState: (id, state, why) => void setState.run(state, why, id),
    change(id, { parallel, capCoins }) {
      if (parallel !== undefined) setParallel.run(parallel, id)
      if (capCoins !== undefined) setCap.run(capCoins, id)
    },
    takeRow: (id, runIdOf, at) =>
      inTransaction(database, () => {
        const next = nextRow.get(id)
        if (!next) return undefined
        const last = toRow(next)
        const row = take.get(runIdOf(last.index, last), at, id, last.index)
        return row && toRow(row)
      }),
    endRow(id, index, facts, at) {
      const { state, files, text, error, taskIds, coins } = facts
      end.run(
        ...[state, writeJson(files), text, error && writeJson(error), writeJson(taskIds), coins],
        ...[state === 'waiting' ? null : at, id, index],
      )
    },
    requeue: (id, which) => Number(requeue.run(id, which).changes),
    rows: (id, { offset, limit, state }) =>
      (state === undefined ? page.all(id, limit, offset) : pageOf.all(id, state, limit, offset)).map(toRow),
    counts(id) {
      const found = { waiting: 0, running: 0, done: 0, failed: 0, coins: 0 }
      for (const row of counts.all(id)) {
        found[row.state as RowState] = Number(row.n)
        found.coins += Number(row.coins)
      }
      return found
    },
    durations: (id, limit) => durations.all(id, limit).map(row => Number(row.ms)),
    columns: id => parsed(columns.get(id)?.columns, []) as string[],
    remove: id =>
      inTransaction(database, () => {
        removeRows.run(id)
        return remove.run(id).changes > 0
      }),
  }
}

function toBatch(row: Stored): Batch {
  const workflow = parsed(row.workflow, undefined)
  return {
    id: String(row.id),
    title: String(row.title),
    prompt: parsed(row.prompt, {}) as unknown as Prompt,
    ...(workflow !== undefined && { workflow }),
    mapping: parsed(row.mapping, {}) as unknown as Batch['mapping'],
    name: String(row.name),
    parallel: Number(row.parallel),
    ...(row.cap_coins !== null && { capCoins: Number(row.cap_coins) }),
    state: row.state as BatchState,
    why: row.why === null ? null : String(row.why),
    createdAt: Number(row.created_at),
    ...(row.watched !== null && { watched: String(row.watched) }),
  }
}

function toRow(row: Stored): BatchRow {
  const number = (value: unknown) => (value === null ? null : Number(value))
  return {
    index: Number(row.row),
    values: parsed(row.row_values, {}) as Row,
    state: row.state as RowState,
    runId: row.run_id === null ? null : String(row.run_id),
    files: parsed(row.files, []) as unknown as BatchRow['files'],
    text: row.text === null ? null : String(row.text),
    error: parsed(row.error, null) as BatchRow['error'],
    taskIds: parsed(row.task_ids, []) as string[],
    coins: Number(row.coins),
    startedAt: number(row.started_at),
    finishedAt: number(row.finished_at),
  }
}

function parsed<T>(text: unknown, otherwise: T): JsonValue | T {
  return typeof text === 'string' ? parseJson(text) : otherwise
}
