import type { StatementSync } from 'node:sqlite'
import type { NewRun, RunEnd, RunList, RunsStore, StoredRun } from '../queue/index.ts'
import { parseJson, writeJson } from '../shared/lossless-json.ts'
import type { Prompt } from '../shared/prompt.ts'
import { type Database, inTransaction } from './database.ts'
import type { Owners } from './owners.ts'

type Row = Record<string, unknown>

/** Waiting, running and finished prompts in one table; they never vanish between two states. */
export function createRunsStore(database: Database, owners: Owners): RunsStore {
  const sql = (text: string): StatementSync => database.prepare(text)
  const insert = sql(
    `INSERT INTO runs (id, state, number, client_id, prompt, extra, targets, outputs_to_run, created_at, owner)
     VALUES (?, 'waiting', ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const begin = sql(
    `UPDATE runs SET state = 'running', started_at = ?, owner = ? WHERE seq = ? AND state = 'waiting'`,
  )
  const requeue = sql(`UPDATE runs SET state = 'waiting', started_at = NULL, owner = NULL WHERE seq = ?`)
  const end = sql(
    `UPDATE runs SET state = 'done', finished_at = ?, done_seq = ?, status = ?, outputs = ?, cached = ?, executed = ?, errors = ?, tasks = ?, results = ?
     WHERE seq = ?`,
  )
  const setTasks = sql('UPDATE runs SET tasks = ? WHERE seq = ?')
  // `state <> 'done'` names the partial index: without it each turn would read the whole history.
  const next = sql(
    `SELECT * FROM runs WHERE state <> 'done' AND state = 'waiting'
     AND (owner IS NULL OR owner NOT IN (SELECT value FROM json_each(?))) ORDER BY number, seq LIMIT 1`,
  )
  const open = sql(`SELECT * FROM runs WHERE state <> 'done' AND state = ? ORDER BY number, seq`)
  const countOpen = sql(`SELECT count(*) AS n FROM runs WHERE state <> 'done'`)
  const bySeq = sql('SELECT * FROM runs WHERE seq = ?')
  const byId = sql('SELECT * FROM runs WHERE id = ? ORDER BY seq DESC LIMIT 1')
  const latest = sql(`SELECT * FROM runs WHERE state = 'done' ORDER BY done_seq DESC LIMIT ?`)
  const from = sql(`SELECT * FROM runs WHERE state = 'done' ORDER BY done_seq LIMIT ? OFFSET ?`)
  const toFront = sql(
    `UPDATE runs SET number = min(?, (SELECT min(number) FROM runs WHERE state <> 'done' AND state = 'waiting') - 1)
     WHERE state <> 'done' AND state = 'waiting' AND id = ?`,
  )
  const deleteWaiting = sql(`DELETE FROM runs WHERE state = 'waiting' AND id = ?`)
  const clearWaiting = sql(`DELETE FROM runs WHERE state <> 'done' AND state = 'waiting'`)
  const deleteDone = sql(`DELETE FROM runs WHERE state = 'done' AND id = ?`)
  const clearDone = sql(`DELETE FROM runs WHERE state = 'done'`)
  const trimCount = sql(
    `DELETE FROM runs WHERE state = 'done' AND done_seq <= (SELECT max(done_seq) FROM runs WHERE state = 'done') - ?`,
  )
  const trimAge = sql(`DELETE FROM runs WHERE state = 'done' AND finished_at < ?`)
  const takeNumber = sql(
    `INSERT INTO counters (name, value) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value`,
  )
  const counter = (name: string) => Number(takeNumber.get(name)?.value ?? 0)
  const runs = (rows: unknown[]) => rows.map(row => toRun(row as Row))

  return {
    nextNumber: () => counter('number') - 1,
    add(run: NewRun, createdAt: number): StoredRun {
      const { lastInsertRowid } = insert.run(
        run.id,
        run.number,
        run.clientId ?? null,
        writeJson(run.prompt),
        writeJson(run.extra),
        run.targets ? writeJson(run.targets) : null,
        writeJson(run.outputsToRun),
        createdAt,
        owners.me,
      )
      return { ...run, seq: Number(lastInsertRowid), state: 'waiting', createdAt }
    },
    takeNext(startedAt) {
      return inTransaction(database, () => {
        // What another living process took in is its own to run: its clients listen there.
        const row = next.get(JSON.stringify(owners.others())) as Row | undefined
        if (!row) return undefined
        begin.run(startedAt, owners.me, Number(row.seq))
        return { ...toRun(row), state: 'running' as const, startedAt }
      })
    },
    end(seq, result: RunEnd) {
      inTransaction(database, () =>
        end.run(
          result.finishedAt,
          counter('done'),
          result.status,
          writeJson(result.outputs),
          writeJson(result.cachedNodes),
          writeJson(result.executedNodes),
          writeJson(result.errors),
          writeJson(result.tasks),
          writeJson(result.results),
          seq,
        ),
      )
    },
    saveTasks(seq, tasks) {
      setTasks.run(writeJson(tasks), seq)
    },
    requeueRunning() {
      // Another server on the same folder keeps what it runs.
      const left = open.all('running').filter(row => !owners.isAlive(String(row.owner ?? '')))
      for (const row of left) requeue.run(Number(row.seq))
      return left.length
    },
    waiting: () => runs(open.all('waiting')),
    running: () => runs(open.all('running')),
    countOpen: () => Number(countOpen.get()?.n ?? 0),
    find(id) {
      const row = byId.get(id) as Row | undefined
      return row && toRun(row)
    },
    list(wanted) {
      const { where, values } = conditionOf(wanted)
      const by = wanted.sortBy === 'created' ? 'seq' : 'coalesce(finished_at - started_at, 0)'
      const order = `${by} ${wanted.order}, seq ${wanted.order}`
      // From the index alone; only the rows of the page are read.
      const found = sql(
        `SELECT seq FROM runs INDEXED BY runs_listed WHERE ${where} ORDER BY ${order} LIMIT ? OFFSET ?`,
      ).all(...[...values, wanted.limit ?? -1, wanted.offset])
      const total = sql(`SELECT count(*) AS n FROM runs INDEXED BY runs_listed WHERE ${where}`).get(...values)
      return { runs: runs(found.map(row => bySeq.get(Number(row.seq)))), total: Number(total?.n ?? 0) }
    },
    history({ maxItems, offset }) {
      // ComfyUI: without an offset the last ones, oldest first.
      if (offset === undefined) return runs(latest.all(maxItems ?? -1)).reverse()
      return runs(from.all(maxItems ?? -1, offset))
    },
    // Like a prompt that came for the front just now (ComfyUI: front).
    toFront: id => inTransaction(database, () => Number(toFront.run(-counter('number'), id).changes) > 0),
    deleteWaiting: id => Number(deleteWaiting.run(id).changes) > 0,
    clearWaiting: () => void clearWaiting.run(),
    deleteHistory: id => void deleteDone.run(id),
    clearHistory: () => void clearDone.run(),
    trimHistory({ maxEntries, olderThan }) {
      trimCount.run(maxEntries)
      trimAge.run(olderThan)
    },
  }
}

function conditionOf({ states, workflowId }: RunList): { where: string; values: string[] } {
  const any = states.map(() => '(state = ? AND coalesce(status, ?) = ?)').join(' OR ')
  const values = states.flatMap(state =>
    state === 'waiting' || state === 'running' ? [state, '', ''] : ['done', '', state],
  )
  const where = `(${any === '' ? 'FALSE' : any})`
  return workflowId === undefined
    ? { where, values }
    : { where: `${where} AND workflow_id = ?`, values: [...values, workflowId] }
}

function toRun(row: Row): StoredRun {
  const json = (value: unknown): unknown => (typeof value === 'string' ? parseJson(value) : undefined)
  const number = (value: unknown) => (value === null || value === undefined ? undefined : Number(value))
  const [startedAt, finishedAt] = [number(row.started_at), number(row.finished_at)]
  let prompt: Prompt | undefined
  let extra: StoredRun['extra'] | undefined
  const run: StoredRun = {
    seq: Number(row.seq),
    id: String(row.id),
    state: row.state as StoredRun['state'],
    number: Number(row.number),
    clientId: typeof row.client_id === 'string' ? row.client_id : undefined,
    // Written by `add` from these very types.
    get prompt() {
      prompt ??= json(row.prompt) as Prompt
      return prompt
    },
    get extra() {
      extra ??= json(row.extra) as StoredRun['extra']
      return extra
    },
    texts: { prompt: String(row.prompt), extra: String(row.extra) },
    ...(typeof row.workflow_id === 'string' && { workflowId: row.workflow_id }),
    targets: json(row.targets) as string[] | undefined,
    outputsToRun: json(row.outputs_to_run) as string[],
    createdAt: Number(row.created_at),
    ...(startedAt !== undefined && { startedAt }),
    ...(finishedAt !== undefined && { finishedAt }),
  }
  const tasks = (json(row.tasks) ?? []) as StoredRun['tasks']
  // Not spread into a new object: that would parse what nobody may look at.
  if (row.state !== 'done') return Object.assign(run, tasks && { tasks })
  return Object.assign(run, {
    status: row.status as NonNullable<StoredRun['status']>,
    outputs: (json(row.outputs) ?? {}) as NonNullable<StoredRun['outputs']>,
    cachedNodes: (json(row.cached) ?? []) as string[],
    executedNodes: (json(row.executed) ?? []) as string[],
    errors: (json(row.errors) ?? []) as NonNullable<StoredRun['errors']>,
    results: (json(row.results) ?? {}) as NonNullable<StoredRun['results']>,
    ...(tasks && { tasks }),
  })
}
