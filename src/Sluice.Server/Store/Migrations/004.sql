-- What a worker can reach, as JSON: its host, storage systems, labels of its own.
ALTER TABLE worker ADD COLUMN labels TEXT;
