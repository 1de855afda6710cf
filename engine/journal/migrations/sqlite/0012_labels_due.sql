-- Labels of executions that are not in the table `labels` yet.
-- Why: what only searches read is not written in the commit of a start, where each label is a row at a place of its own in a large tree,
-- but soon after it and many at once (engine/journal/projector.h). A start puts one row here, at the end of a small table; the commit
-- that brings its labels into `labels` takes it away.
-- Compatible from: first version. Duration: instant (empty table).

CREATE TABLE labels_due (
  created_us   INTEGER NOT NULL,            -- of the execution
  account_id   TEXT    NOT NULL,
  execution_id BLOB    NOT NULL,
  shard        INTEGER NOT NULL,            -- as in `executions`: the owner of its partition brings them over
  labels       TEXT    NOT NULL,            -- as in `executions`
  PRIMARY KEY (created_us, account_id, execution_id)
) WITHOUT ROWID;
