-- What becomes of runs that go on already when an account, a workflow or a key is paused.
-- Why: a pause may hold them too. Those of before let them go on, and still do.
-- Compatible from: first version. Lock: of the table, for an instant (a few rows).

ALTER TABLE flow_pauses ADD COLUMN running BIGINT NOT NULL DEFAULT 0;  -- flow/stored_run.h
