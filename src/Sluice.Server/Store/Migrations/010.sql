-- Which flow runs a task run stands for, and the results of tasks by their cache keys.
CREATE INDEX flow_run_parent ON flow_run (parent_task_run_id) WHERE parent_task_run_id IS NOT NULL;
CREATE INDEX task_run_state_cache ON task_run_state (details ->> 'cache_key', seq) WHERE type = 'COMPLETED' AND details ->> 'cache_key' IS NOT NULL;
