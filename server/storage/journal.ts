import { parseJson, writeJson } from '../shared/lossless-json.ts'
import type {
  Journal,
  LaneStore,
  TaskNote,
  TaskRecord,
  TaskState,
  UploadStore,
  Work,
} from '../wiring/index.ts'
import { type Database, inTransaction } from './database.ts'
import type { Owners } from './owners.ts'

type Row = Record<string, unknown>

/** Work that has, or may still come to, a result without paying again. */
const usable =
  "('submitting', 'unknown', 'created', 'queued', 'running', 'stopping', 'done', 'fetched', 'left')"
const maxNotes = 200

/**
 * The journal of paid tasks. `database` must be opened with full synchronisation: every write is on disk before the next step
 * goes out.
 */
export function createJournal(database: Database, owners: Owners): Journal {
  const insert = database.prepare(
    `INSERT INTO tasks (run_id, node_id, call, signature, lane, site, key_name, kind, target_id, state, created_at, follower, events, before, spending_group)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'submitting', ?, ?, ?, ?, ?)`,
  )
  const update = database.prepare(
    `UPDATE tasks SET state = ?, task_id = coalesce(?, task_id), ended_at = ?, outputs = coalesce(?, outputs),
     result = coalesce(?, result), error = ?, events = ?, follower = ? WHERE seq = ?`,
  )
  const setEvents = database.prepare('UPDATE tasks SET events = ? WHERE seq = ?')
  const setFollower = database.prepare('UPDATE tasks SET follower = ? WHERE seq = ?')
  const get = database.prepare('SELECT * FROM tasks WHERE seq = ?')
  const ofRun = database.prepare('SELECT * FROM tasks WHERE run_id = ? ORDER BY seq')
  const ofTask = database.prepare(
    'SELECT * FROM tasks WHERE task_id = ? AND lane = ? ORDER BY seq DESC LIMIT 1',
  )
  const ofTaskId = database.prepare('SELECT * FROM tasks WHERE task_id = ? ORDER BY seq')
  const ofWork = database.prepare(
    `SELECT * FROM tasks WHERE run_id = ? AND node_id = ? AND call = ? AND signature = ? AND state <> 'refused' ORDER BY seq DESC LIMIT 1`,
  )
  const ofSignature = database.prepare(
    `SELECT * FROM tasks WHERE signature = ? AND state IN ${usable} ORDER BY seq DESC`,
  )
  const ofFailure = database.prepare(
    `SELECT * FROM tasks WHERE signature = ? AND state = 'failed' AND ended_at >= ? ORDER BY seq DESC LIMIT 1`,
  )
  const liveTasks = database.prepare(
    `SELECT * FROM tasks WHERE lane = ? AND task_id IS NOT NULL AND state IN ('created', 'queued', 'running', 'stopping')`,
  )
  const trim = database.prepare(
    `DELETE FROM tasks WHERE ended_at < ? OR (state = 'unknown' AND created_at < ?)`,
  )
  const ended: readonly TaskState[] = ['fetched', 'left', 'failed', 'cancelled', 'refused']

  const isFree = (row: Row) => {
    const { follower } = row
    return typeof follower !== 'string' || follower === '' || !owners.isAlive(follower)
  }

  return {
    submitting(task, at) {
      const { runId, nodeId, call, signature, lane, site, keyName, kind, targetId } = task
      const events = writeJson([...task.notes, { at, what: 'submitting' }])
      const result = insert.run(
        ...[runId, nodeId, call, signature, lane, site, keyName, kind, targetId, at, owners.me, events],
        task.before ? writeJson(task.before) : null,
        task.group ?? null,
      )
      return Number(result.lastInsertRowid)
    },
    set(seq, state, at, facts = {}) {
      inTransaction(database, () => {
        const row = get.get(seq) as Row | undefined
        if (!row) return
        const json = (value: unknown) => (value === undefined ? null : writeJson(value))
        const isEnd = ended.includes(state)
        const follower = isEnd ? null : String(row.follower ?? owners.me)
        update.run(
          state,
          facts.taskId ?? null,
          isEnd ? at : null,
          json(facts.outputs),
          json(facts.result),
          json(facts.error),
          withNote(row, { at, what: state, ...(facts.why !== undefined && { why: facts.why }) }),
          follower,
          seq,
        )
      })
    },
    note(seq, note) {
      const row = get.get(seq) as Row | undefined
      if (row) setEvents.run(withNote(row, note), seq)
    },
    adopt(work, { isForced, waitedSince }) {
      return inTransaction(database, () => {
        const row = ownRow(work) ?? rowOfSameWork(work, isForced) ?? failedSince(work, waitedSince)
        if (!row) return undefined
        setFollower.run(owners.me, Number(row.seq))
        return toRecord(row)
      })
    },
    letGo: seq => void setFollower.run(null, seq),
    // Nobody's name: as free as after a crash.
    handOver: seq => void setFollower.run('handed over', seq),
    get(seq) {
      const row = get.get(seq) as Row | undefined
      return row && toRecord(row)
    },
    isAbandoned(seq) {
      const row = get.get(seq) as Row | undefined
      return row !== undefined && row.ended_at === null && isFree(row)
    },
    liveTasks: lane => liveTasks.all(lane).map(row => toRecord(row as Row)),
    byTaskIds: taskIds => taskIds.flatMap(id => ofTaskId.all(id).map(row => toRecord(row as Row))),
    ofRun: runId => ofRun.all(runId).map(row => toRecord(row as Row)),
    ofTask(lane, taskId) {
      const row = ofTask.get(taskId, lane) as Row | undefined
      return row && toRecord(row)
    },
    trim: olderThan => void trim.run(olderThan, olderThan),
  }

  function ownRow(work: Work): Row | undefined {
    const row = ofWork.get(work.runId, work.nodeId, work.call, work.signature) as Row | undefined
    return row && isFree(row) ? row : undefined
  }
  function rowOfSameWork(work: Work, isForced: boolean): Row | undefined {
    const rows = ofSignature.all(work.signature) as Row[]
    // Let go, it was given up by a run that ended; with a follower that is dead, nobody has seen its end.
    const isCutOff = (row: Row) => row.state !== 'fetched' && typeof row.follower === 'string'
    return rows.find(row => isFree(row) && (!isForced || isCutOff(row)))
  }
  function failedSince(work: Work, since: number | undefined): Row | undefined {
    return since === undefined ? undefined : (ofFailure.get(work.signature, since) as Row | undefined)
  }
}

/** One place in the database per task under way; places of dead processes count no more. */
export function createLaneStore(database: Database, owners: Owners): LaneStore {
  const taken = database.prepare('SELECT id, owner FROM places WHERE lane = ?')
  const insert = database.prepare('INSERT INTO places (lane, owner) VALUES (?, ?)')
  const remove = database.prepare('DELETE FROM places WHERE id = ?')
  const claim = database.prepare(
    `INSERT INTO lanes (lane, next_question_at) VALUES (?, ?)
     ON CONFLICT (lane) DO UPDATE SET next_question_at = ? + ? + min(max(next_question_at - ?, 0),
       ? * (SELECT count(*) FROM places WHERE lane = ?)) RETURNING next_question_at`,
  )
  return {
    take(lane, limit) {
      return inTransaction(database, () => {
        let busy = 0
        for (const row of taken.all(lane)) {
          if (owners.isAlive(String(row.owner))) busy++
          else remove.run(Number(row.id))
        }
        if (busy >= limit) return { busy }
        return { place: Number(insert.run(lane, owners.me).lastInsertRowid) }
      })
    },
    free: place => void remove.run(place),
    claimQuestion(lane, now, spacingMs) {
      // Nobody waits longer than all who ask one after the other: the clock may have been set back since the last claim.
      const row = claim.get(lane, now + spacingMs, now, spacingMs, now, spacingMs, lane)
      return Number(row?.next_question_at ?? now + spacingMs) - spacingMs
    },
  }
}

export function createUploadStore(database: Database): UploadStore {
  const find = database.prepare(
    'SELECT file_name, url FROM uploads WHERE lane = ? AND sha256 = ? AND expires_at > ?',
  )
  const behind = database.prepare(
    'SELECT path, sha256, url FROM uploads WHERE lane = ? AND (file_name = ? OR url = ?)',
  )
  const put = database.prepare(
    `INSERT INTO uploads (lane, sha256, path, file_name, url, expires_at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (lane, sha256) DO UPDATE SET path = excluded.path, file_name = excluded.file_name, url = excluded.url,
     expires_at = excluded.expires_at`,
  )
  const forget = database.prepare('DELETE FROM uploads WHERE lane = ? AND (file_name = ? OR url = ?)')
  const trim = database.prepare('DELETE FROM uploads WHERE expires_at <= ?')
  return {
    find(lane, sha256, now) {
      const row = find.get(lane, sha256, now)
      return row && { fileName: String(row.file_name), url: typeof row.url === 'string' ? row.url : null }
    },
    behind(lane, given) {
      const row = behind.get(lane, given, given)
      return row && { path: String(row.path), sha256: String(row.sha256), isUrl: row.url === given }
    },
    remember: ({ lane, sha256, path, fileName, url, expiresAt }) =>
      void put.run(lane, sha256, path, fileName, url, expiresAt),
    forget: (lane, given) => void forget.run(lane, given, given),
    trim: now => void trim.run(now),
  }
}

function withNote(row: Row, note: TaskNote): string {
  const notes = parseJson(String(row.events)) as unknown as TaskNote[]
  // The beginning and the latest tell the story; a week of waiting has a long middle.
  const kept = notes.length < maxNotes ? notes : [...notes.slice(0, 20), ...notes.slice(-(maxNotes - 21))]
  return writeJson([...kept, note])
}

function toRecord(row: Row): TaskRecord {
  const text = (name: string) => String(row[name] ?? '')
  const json = (name: string): unknown => (typeof row[name] === 'string' ? parseJson(text(name)) : undefined)
  return {
    seq: Number(row.seq),
    runId: text('run_id'),
    nodeId: text('node_id'),
    call: Number(row.call),
    signature: text('signature'),
    lane: text('lane'),
    site: text('site'),
    keyName: text('key_name'),
    kind: row.kind as TaskRecord['kind'],
    targetId: text('target_id'),
    before: json('before') as TaskRecord['before'],
    state: row.state as TaskState,
    taskId: typeof row.task_id === 'string' ? row.task_id : undefined,
    createdAt: Number(row.created_at),
    endedAt: row.ended_at === null ? undefined : Number(row.ended_at),
    // Written by this module from these very types.
    outputs: json('outputs') as TaskRecord['outputs'],
    result: json('result') as TaskRecord['result'],
    error: json('error') as TaskRecord['error'],
    events: (json('events') ?? []) as TaskRecord['events'],
  }
}
