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
    owner TEXT,
    finished_at INTEGER,
    done_seq INTEGER,
    status TEXT,
    outputs TEXT,
    cached TEXT,
    executed TEXT,
    errors TEXT,
    tasks TEXT,
    workflow_id TEXT GENERATED ALWAYS AS (json_extract(extra, '$.extra_pnginfo.workflow.id')) STORED
  );
  CREATE INDEX runs_by_id ON runs (id);
  CREATE INDEX runs_waiting ON runs (number, seq) WHERE state <> 'done';
  CREATE INDEX runs_done ON runs (done_seq) WHERE state = 'done';
  CREATE INDEX runs_by_end ON runs (finished_at) WHERE state = 'done';
  CREATE INDEX runs_listed ON runs (workflow_id, state, status, started_at, finished_at);
  CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
  CREATE TABLE results (
    signature TEXT PRIMARY KEY,
    result TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    bytes INTEGER NOT NULL
  );
  CREATE INDEX results_by_use ON results (used_at);
  CREATE TABLE owners (id TEXT PRIMARY KEY, pid INTEGER NOT NULL, host TEXT NOT NULL, seen_at INTEGER NOT NULL);
  CREATE TABLE tasks (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id TEXT NOT NULL,
    node_id TEXT NOT NULL,
    call INTEGER NOT NULL,
    signature TEXT NOT NULL,
    lane TEXT NOT NULL,
    site TEXT NOT NULL,
    key_name TEXT NOT NULL,
    kind TEXT NOT NULL,
    target_id TEXT NOT NULL,
    state TEXT NOT NULL,
    task_id TEXT,
    created_at INTEGER NOT NULL,
    ended_at INTEGER,
    follower TEXT,
    outputs TEXT,
    result TEXT,
    error TEXT,
    before TEXT,
    events TEXT NOT NULL
  );
  CREATE INDEX tasks_by_run ON tasks (run_id, node_id, call);
  CREATE INDEX tasks_by_signature ON tasks (signature);
  CREATE TABLE places (id INTEGER PRIMARY KEY AUTOINCREMENT, lane TEXT NOT NULL, owner TEXT NOT NULL);
  CREATE INDEX places_by_lane ON places (lane);
  CREATE TABLE lanes (lane TEXT PRIMARY KEY, next_question_at INTEGER NOT NULL);
  CREATE TABLE uploads (
    lane TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    path TEXT NOT NULL,
    file_name TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (lane, sha256)
  );
  `,
  `
  CREATE TABLE cloud_descriptions (
    site TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    description TEXT NOT NULL,
    used_at INTEGER NOT NULL,
    PRIMARY KEY (site, kind, id)
  );
  `,
  // Results by their own ids, so that an earlier one can still be had when the same work was done anew; and pins, which hold some.
  `
  CREATE TABLE contents (
    id TEXT PRIMARY KEY,
    signature TEXT NOT NULL,
    result TEXT NOT NULL,
    used_at INTEGER NOT NULL,
    bytes INTEGER NOT NULL
  );
  CREATE INDEX contents_by_use ON contents (used_at);
  INSERT INTO contents SELECT signature, signature, result, used_at, bytes FROM results;
  CREATE TABLE latest (signature TEXT PRIMARY KEY, id TEXT NOT NULL, expires_at INTEGER NOT NULL);
  INSERT INTO latest SELECT signature, signature, expires_at FROM results;
  DROP TABLE results;
  ALTER TABLE latest RENAME TO results;
  CREATE TABLE pins (
    pin TEXT PRIMARY KEY,
    run_id TEXT NOT NULL,
    node_id TEXT NOT NULL,
    node_type TEXT NOT NULL,
    result_id TEXT NOT NULL,
    signature TEXT NOT NULL,
    result TEXT NOT NULL,
    held TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    created_at INTEGER NOT NULL
  );
  CREATE UNIQUE INDEX pins_by_node ON pins (run_id, node_id);
  CREATE INDEX pins_by_signature ON pins (signature);
  ALTER TABLE runs ADD COLUMN results TEXT;
  CREATE INDEX tasks_by_task ON tasks (task_id);
  `,
  // Standard models are given a file's address, nodes its name.
  `ALTER TABLE uploads ADD COLUMN url TEXT;`,
  // What a task cost stays when the task is forgotten. It is written once, with its outputs, whoever follows it.
  `
  ALTER TABLE tasks ADD COLUMN spending_group TEXT;
  CREATE TABLE costs (
    seq INTEGER PRIMARY KEY,
    task_id TEXT NOT NULL,
    run_id TEXT NOT NULL,
    node_id TEXT NOT NULL,
    site TEXT NOT NULL,
    key_name TEXT NOT NULL,
    kind TEXT NOT NULL,
    target_id TEXT NOT NULL,
    spending_group TEXT,
    at INTEGER NOT NULL,
    coins TEXT,
    money TEXT,
    third_party_money TEXT,
    seconds TEXT
  );
  CREATE INDEX costs_by_target ON costs (site, kind, target_id, seq);
  CREATE INDEX costs_by_run ON costs (run_id);
  CREATE INDEX costs_by_group ON costs (spending_group) WHERE spending_group IS NOT NULL;
  CREATE INDEX costs_by_time ON costs (at);
  CREATE INDEX tasks_by_group ON tasks (spending_group) WHERE spending_group IS NOT NULL;
  CREATE TRIGGER tasks_cost AFTER UPDATE OF outputs ON tasks
  WHEN NEW.outputs IS NOT NULL AND NEW.task_id IS NOT NULL
  BEGIN
    INSERT OR IGNORE INTO costs VALUES (
      NEW.seq, NEW.task_id, NEW.run_id, NEW.node_id,
      CASE NEW.key_name WHEN 'sandbox' THEN 'sandbox' ELSE NEW.site END,
      NEW.key_name, NEW.kind, NEW.target_id, NEW.spending_group,
      json_extract(NEW.events, '$[#-1].at'),
      json_extract(NEW.outputs, '$.cost.coins'), json_extract(NEW.outputs, '$.cost.money'),
      json_extract(NEW.outputs, '$.cost.thirdPartyMoney'), json_extract(NEW.outputs, '$.cost.seconds')
    );
  END;
  `,
  `
  CREATE TABLE batches (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    prompt TEXT NOT NULL,
    workflow TEXT,
    mapping TEXT NOT NULL,
    name TEXT NOT NULL,
    parallel INTEGER NOT NULL,
    cap_coins REAL,
    columns TEXT NOT NULL,
    state TEXT NOT NULL,
    why TEXT,
    created_at INTEGER NOT NULL
  );
  CREATE TABLE batch_rows (
    batch_id TEXT NOT NULL,
    row INTEGER NOT NULL,
    row_values TEXT NOT NULL,
    state TEXT NOT NULL,
    run_id TEXT,
    files TEXT,
    text TEXT,
    error TEXT,
    task_ids TEXT,
    coins REAL NOT NULL DEFAULT 0,
    started_at INTEGER,
    finished_at INTEGER,
    PRIMARY KEY (batch_id, row)
  ) WITHOUT ROWID;
  CREATE INDEX batch_rows_by_state ON batch_rows (batch_id, state, row);
  `,
  // Batches whose rows are files of a folder.
  `ALTER TABLE batches ADD COLUMN watched TEXT;`,
  // The line of those who want the very same work.
  `
  CREATE TABLE claims (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    signature TEXT NOT NULL,
    owner TEXT NOT NULL,
    forced INTEGER NOT NULL
  );
  CREATE INDEX claims_by_signature ON claims (signature, id);
  `,
  // Calls to people's own addresses at the end of runs and batches.
  `
  CREATE TABLE deliveries (
    id TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    event TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    tries INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    last TEXT
  );
  CREATE INDEX deliveries_due ON deliveries (next_at) WHERE state = 'waiting';
  `,
]
