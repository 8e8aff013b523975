/**
 * The database's layout, step by step: step n brings a file from version n to n+1 (PRAGMA user_version). Steps that have shipped are
 * never changed, only followed by new ones.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE runs (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done')),
    number REAL NOT NULL,
    client_id TEXT,
    prompt TEXT NOT NULL,
    extra TEXT NOT NULL,
    targets TEXT,
    outputs_to_run TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    done_seq INTEGER,
    status TEXT,
    outputs TEXT,
    cached TEXT,
    executed TEXT,
    errors TEXT,
    tasks TEXT
  );
  CREATE INDEX runs_by_id ON runs (id);
  CREATE INDEX runs_waiting ON runs (number, seq) WHERE state <> 'done';
  CREATE INDEX runs_done ON runs (done_seq) WHERE state = 'done';
  CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
  CREATE TABLE results (
    signature TEXT PRIMARY KEY,
    result TEXT NOT NULL,
    assets TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    used_at INTEGER NOT NULL
  );
  CREATE INDEX results_by_use ON results (used_at);
  `,
]
