-- What Prefect's clients keep beside flows and their runs: artifacts, slots of concurrency limits, task runs, inputs, searches.
CREATE TABLE artifact (
    id BLOB PRIMARY KEY NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    key TEXT,
    type TEXT,
    description TEXT,
    data TEXT,
    metadata TEXT,
    flow_run_id BLOB, -- no references: Prefect takes artifacts of unknown runs and keeps those of deleted ones
    task_run_id BLOB
) STRICT;
CREATE INDEX artifact_key ON artifact (key, id) WHERE key IS NOT NULL;
CREATE INDEX artifact_run ON artifact (flow_run_id);

-- One row a key: what people see as one artifact with versions.
CREATE TABLE artifact_collection (
    id BLOB PRIMARY KEY NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    key TEXT NOT NULL UNIQUE,
    latest_id BLOB NOT NULL
) STRICT;

CREATE TABLE concurrency_limit (
    id BLOB PRIMARY KEY NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    active INTEGER NOT NULL,
    name TEXT NOT NULL UNIQUE,
    slots INTEGER NOT NULL, -- how many there are
    active_slots REAL NOT NULL, -- how many were occupied at counted_at; since then they decay
    denied_slots REAL NOT NULL,
    counted_at INTEGER NOT NULL,
    slot_decay_per_second REAL NOT NULL,
    avg_slot_occupancy_seconds REAL NOT NULL
) STRICT;

CREATE TABLE concurrency_lease (
    id BLOB PRIMARY KEY NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    slots INTEGER NOT NULL,
    holder_type TEXT,
    holder_id BLOB
) STRICT;
CREATE INDEX concurrency_lease_expires ON concurrency_lease (expires);

CREATE TABLE concurrency_lease_limit (
    lease_id BLOB NOT NULL REFERENCES concurrency_lease (id) ON DELETE CASCADE,
    limit_id BLOB NOT NULL REFERENCES concurrency_limit (id) ON DELETE CASCADE,
    PRIMARY KEY (limit_id, lease_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX concurrency_lease_limit_lease ON concurrency_lease_limit (lease_id);

CREATE TABLE task_run (
    id BLOB PRIMARY KEY NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    name TEXT NOT NULL,
    flow_run_id BLOB, -- no reference: a task may run without a flow, and its event may come first
    task_key TEXT NOT NULL,
    dynamic_key TEXT NOT NULL,
    cache_key TEXT,
    cache_expiration INTEGER,
    task_version TEXT,
    empirical_policy TEXT NOT NULL,
    tags TEXT NOT NULL,
    labels TEXT NOT NULL,
    task_inputs TEXT NOT NULL,
    state_seq INTEGER,
    state_type TEXT,
    state_name TEXT,
    state_time INTEGER,
    run_count INTEGER NOT NULL DEFAULT 0,
    flow_run_run_count INTEGER NOT NULL DEFAULT 0,
    expected_start_time INTEGER,
    next_scheduled_start_time INTEGER,
    start_time INTEGER,
    end_time INTEGER,
    total_run_time INTEGER NOT NULL DEFAULT 0,
    UNIQUE (flow_run_id, task_key, dynamic_key)
) STRICT;
CREATE INDEX task_run_state_type ON task_run (state_type);
CREATE INDEX task_run_start ON task_run (expected_start_time);

CREATE TABLE task_run_state (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE,
    task_run_id BLOB NOT NULL REFERENCES task_run (id) ON DELETE CASCADE,
    type TEXT NOT NULL,
    name TEXT NOT NULL,
    timestamp INTEGER NOT NULL,
    message TEXT,
    data TEXT,
    details TEXT NOT NULL
) STRICT;
CREATE INDEX task_run_state_run ON task_run_state (task_run_id, seq);
CREATE INDEX log_task_run ON log (task_run_id, timestamp, seq) WHERE task_run_id IS NOT NULL;

CREATE TABLE flow_run_input (
    id BLOB PRIMARY KEY NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    flow_run_id BLOB NOT NULL REFERENCES flow_run (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    sender TEXT,
    UNIQUE (flow_run_id, key)
) STRICT;

CREATE TABLE saved_search (
    id BLOB PRIMARY KEY NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    name TEXT NOT NULL UNIQUE,
    filters TEXT NOT NULL
) STRICT;

CREATE TABLE csrf_token (
    client TEXT PRIMARY KEY NOT NULL,
    id BLOB NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    token TEXT NOT NULL,
    expiration INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX csrf_token_expiration ON csrf_token (expiration);

CREATE TRIGGER flow_run_deleted_tasks AFTER DELETE ON flow_run BEGIN
    DELETE FROM task_run WHERE flow_run_id = OLD.id;
END;
CREATE TRIGGER task_run_deleted AFTER DELETE ON task_run BEGIN
    DELETE FROM log WHERE task_run_id = OLD.id;
END;
