-- Labels of executions that are not in the table `labels` yet.
-- Why: what only searches read is not written in the commit of a start, where each label is a row at a place of its own in a large tree,
-- but soon after it and many at once (engine/journal/projector.h). A start puts one row here, at the end of a small table; the commit
-- that brings its labels into `labels` takes it away. It is read from where it was read before, not from its beginning: entries of rows
-- that are gone stand there until a vacuum. Row-level security as in 0001.
-- Compatible from: first version. Duration: instant (empty table).

CREATE TABLE labels_due (
  created_us   BIGINT  NOT NULL,            -- of the execution
  account_id   TEXT COLLATE "C" NOT NULL,
  execution_id BYTEA   NOT NULL,
  shard        INTEGER NOT NULL,            -- as in `executions`: the owner of its partition brings them over
  labels       TEXT    NOT NULL,            -- as in `executions`
  PRIMARY KEY (created_us, account_id, execution_id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
ALTER TABLE labels_due ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON labels_due USING (account_id = current_setting('elevaite.account', true));
