-- When the unfinished execution that began last did so, from the index that finds the unfinished ones.
-- Why: no event that comes after a restart may seem older than an execution that waits for it, also when the clock was set back. The id
-- does not tell it: it is as old as the request, or as the parent, and ids go on from the newest when the clock is set back.
-- Compatible from: first version. Duration: seconds for a million unfinished executions.

DROP INDEX executions_live_shard_account_id_id_idx;
CREATE INDEX executions_unfinished ON executions_live (shard, account_id, id) INCLUDE (started_us);
