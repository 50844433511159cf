-- What becomes of due times that passed while no scheduler looked, and how a schedule goes through the change of clocks.
ALTER TABLE schedule ADD COLUMN misfire TEXT NOT NULL DEFAULT 'skip';
ALTER TABLE schedule ADD COLUMN max_misfires INTEGER; -- with run_all only
ALTER TABLE schedule ADD COLUMN dst TEXT NOT NULL DEFAULT 'prefect_compatible';

-- Every due time before it has its run or was passed over; it takes the place of filled_until.
ALTER TABLE schedule ADD COLUMN settled_until INTEGER NOT NULL DEFAULT 0;
UPDATE schedule SET settled_until = COALESCE(filled_until + 1, since);
ALTER TABLE schedule DROP COLUMN filled_until;

CREATE INDEX schedule_misfire ON schedule (deployment_id) WHERE misfire <> 'skip';
