-- Times are UTC ticks (100 ns), so that they order as numbers. Ids are UUIDv7 as 16 big-endian bytes, so that they order by creation.
-- JSON is text. A run's current state is repeated in flow_run (state_*), so that every hot query reads one index.

CREATE TABLE meta (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    change INTEGER NOT NULL
) STRICT;
INSERT INTO meta (only_row, change) VALUES (1, 1);

CREATE TABLE flow (
    id BLOB PRIMARY KEY NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    name TEXT NOT NULL UNIQUE,
    tags TEXT NOT NULL,
    labels TEXT NOT NULL
) STRICT;

CREATE TABLE work_pool (
    id BLOB PRIMARY KEY NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    name TEXT NOT NULL UNIQUE,
    description TEXT,
    type TEXT NOT NULL,
    base_job_template TEXT NOT NULL,
    is_paused INTEGER NOT NULL,
    concurrency_limit INTEGER
) STRICT;

CREATE TABLE work_queue (
    id BLOB PRIMARY KEY NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    work_pool_id BLOB NOT NULL REFERENCES work_pool (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    is_paused INTEGER NOT NULL,
    concurrency_limit INTEGER,
    priority INTEGER NOT NULL,
    last_polled INTEGER,
    UNIQUE (work_pool_id, name)
) STRICT;

CREATE TABLE worker (
    id BLOB PRIMARY KEY NOT NULL,
    work_pool_id BLOB NOT NULL REFERENCES work_pool (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    last_heartbeat INTEGER NOT NULL,
    heartbeat_interval INTEGER,
    UNIQUE (work_pool_id, name)
) STRICT;

CREATE TABLE deployment (
    id BLOB PRIMARY KEY NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    flow_id BLOB NOT NULL REFERENCES flow (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    version TEXT,
    description TEXT,
    paused INTEGER NOT NULL,
    concurrency_limit INTEGER,
    concurrency_options TEXT,
    enforce_parameter_schema INTEGER NOT NULL,
    parameter_openapi_schema TEXT,
    parameters TEXT NOT NULL,
    job_variables TEXT NOT NULL,
    tags TEXT NOT NULL,
    labels TEXT NOT NULL,
    work_queue_id BLOB REFERENCES work_queue (id) ON DELETE SET NULL,
    path TEXT,
    entrypoint TEXT,
    pull_steps TEXT,
    refill_at INTEGER, -- when the scheduler has to look at it again; null: nothing to schedule
    UNIQUE (flow_id, name)
) STRICT;
CREATE INDEX deployment_queue ON deployment (work_queue_id);
CREATE INDEX deployment_refill ON deployment (refill_at) WHERE refill_at IS NOT NULL;

CREATE TABLE schedule (
    id BLOB PRIMARY KEY NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    deployment_id BLOB NOT NULL REFERENCES deployment (id) ON DELETE CASCADE,
    slug TEXT,
    active INTEGER NOT NULL,
    schedule TEXT NOT NULL,
    max_scheduled_runs INTEGER,
    parameters TEXT NOT NULL,
    since INTEGER NOT NULL, -- since when it holds as it stands: no run is due before
    filled_until INTEGER, -- the last due time that has its run; null: none ahead
    UNIQUE (deployment_id, slug)
) STRICT;

CREATE TABLE flow_run (
    id BLOB PRIMARY KEY NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    name TEXT NOT NULL,
    flow_id BLOB NOT NULL REFERENCES flow (id) ON DELETE CASCADE,
    deployment_id BLOB, -- kept when the deployment is deleted: history
    deployment_version TEXT,
    schedule_id BLOB,
    work_queue_id BLOB REFERENCES work_queue (id) ON DELETE SET NULL,
    flow_version TEXT,
    parameters TEXT NOT NULL,
    idempotency_key TEXT,
    context TEXT NOT NULL,
    empirical_policy TEXT NOT NULL,
    retry_type TEXT,
    tags TEXT NOT NULL,
    labels TEXT NOT NULL,
    parent_task_run_id BLOB,
    state_seq INTEGER,
    state_type TEXT,
    state_name TEXT,
    state_time INTEGER,
    run_count INTEGER NOT NULL DEFAULT 0,
    expected_start_time INTEGER,
    next_scheduled_start_time INTEGER,
    start_time INTEGER,
    end_time INTEGER,
    total_run_time INTEGER NOT NULL DEFAULT 0,
    auto_scheduled INTEGER NOT NULL,
    infrastructure_pid TEXT,
    created_by TEXT,
    job_variables TEXT NOT NULL,
    lease_from INTEGER, -- the last sign of life of a leased run
    lease_expires INTEGER,
    UNIQUE (flow_id, idempotency_key)
) STRICT;
CREATE INDEX flow_run_claim ON flow_run (work_queue_id, next_scheduled_start_time) WHERE state_type = 'SCHEDULED';
CREATE INDEX flow_run_queue_active ON flow_run (work_queue_id) WHERE state_type IN ('PENDING', 'RUNNING');
CREATE INDEX flow_run_deployment_active ON flow_run (deployment_id) WHERE state_type IN ('PENDING', 'RUNNING', 'CANCELLING');
CREATE INDEX flow_run_deployment_scheduled ON flow_run (deployment_id, next_scheduled_start_time) WHERE state_type = 'SCHEDULED';
CREATE INDEX flow_run_due ON flow_run (next_scheduled_start_time) WHERE state_type = 'SCHEDULED' AND state_name = 'Scheduled';
CREATE INDEX flow_run_lease ON flow_run (lease_expires, lease_from) WHERE lease_expires IS NOT NULL;
CREATE INDEX flow_run_cancelling ON flow_run (state_time) WHERE state_type = 'CANCELLING';
CREATE INDEX flow_run_expected ON flow_run (expected_start_time);
CREATE INDEX flow_run_deployment ON flow_run (deployment_id, expected_start_time);

CREATE TABLE flow_run_state (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL,
    flow_run_id BLOB NOT NULL REFERENCES flow_run (id) ON DELETE CASCADE,
    type TEXT NOT NULL,
    name TEXT NOT NULL,
    timestamp INTEGER NOT NULL,
    message TEXT,
    data TEXT,
    details TEXT NOT NULL
) STRICT;
CREATE INDEX flow_run_state_run ON flow_run_state (flow_run_id, seq);

CREATE TABLE log (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    level INTEGER NOT NULL,
    message TEXT NOT NULL,
    timestamp INTEGER NOT NULL,
    flow_run_id BLOB, -- no reference: Prefect takes logs of unknown runs
    task_run_id BLOB
) STRICT;
CREATE INDEX log_run ON log (flow_run_id, timestamp, seq);
CREATE INDEX log_time ON log (timestamp, seq);

CREATE TRIGGER flow_run_deleted AFTER DELETE ON flow_run BEGIN
    DELETE FROM log WHERE flow_run_id = OLD.id;
END;
