-- When a program that serves its own deployments last asked for the runs of one.
ALTER TABLE deployment ADD COLUMN last_polled INTEGER;
