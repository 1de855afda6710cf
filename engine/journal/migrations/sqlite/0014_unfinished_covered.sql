-- The index of 0013 with all that its question needs: SQLite asks for finished_us, too, and looked into the row of each unfinished
-- execution for it, which took a start with a million of them eight seconds.
-- Compatible from: first version. Duration: seconds for a million unfinished executions.

DROP INDEX executions_unfinished;
CREATE INDEX executions_unfinished ON executions (shard, account_id, id, started_us, finished_us) WHERE finished_us IS NULL;
