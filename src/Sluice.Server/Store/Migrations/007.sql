-- Attempts, so that what a dead one writes late is known by its token; slots of a deployment's limit as leases; pauses that run out.
ALTER TABLE flow_run ADD COLUMN attempt BLOB; -- the transition id of the claim that holds; null: no claim of a worker of ours
ALTER TABLE flow_run ADD COLUMN crash_retries INTEGER NOT NULL DEFAULT 0; -- how often the flow asked to be scheduled again after a crash
ALTER TABLE flow_run ADD COLUMN crashes INTEGER NOT NULL DEFAULT 0; -- how often it was
ALTER TABLE flow_run ADD COLUMN lost_claims INTEGER NOT NULL DEFAULT 0; -- how often its worker vanished before it started
ALTER TABLE flow_run ADD COLUMN slot_lease BLOB; -- deployment_concurrency_lease_id
ALTER TABLE flow_run ADD COLUMN slot_expires INTEGER; -- null: held until the run leaves PENDING, RUNNING and CANCELLING
ALTER TABLE flow_run ADD COLUMN pause_expires INTEGER; -- when a PAUSED run fails
CREATE INDEX flow_run_slot ON flow_run (slot_lease) WHERE slot_lease IS NOT NULL;
CREATE INDEX flow_run_pause ON flow_run (pause_expires) WHERE pause_expires IS NOT NULL;
