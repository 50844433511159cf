-- When the engine of Prefect's that runs it last sent its heartbeat.
ALTER TABLE flow_run ADD COLUMN beat INTEGER;
-- What people list first: the newest by start, and those of a state.
CREATE INDEX flow_run_start ON flow_run (COALESCE(start_time, expected_start_time), id);
DROP INDEX IF EXISTS flow_run_expected;
CREATE INDEX flow_run_expected ON flow_run (expected_start_time, id);
CREATE INDEX flow_run_state_type ON flow_run (state_type, expected_start_time);
