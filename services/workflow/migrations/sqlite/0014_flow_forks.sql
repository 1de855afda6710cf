-- Where a run that waits goes on from, when it is a fork of a past one.
-- Why: forks and redrives pass the same gates as what comes from outside, and still begin at their task then.
-- Compatible from: first version. Lock: of the table, for an instant.

ALTER TABLE flow_runs ADD COLUMN past TEXT;  -- JSON (flow/stored_run.h); NULL: it begins at its begin
