-- Executions that were brought back from the archive, and until when they stay whatever their age.
-- Why: what is old is forgotten after a restart, too, and the archive's owner has not looked yet (engine/journal/restored.h).
-- Compatible from: first version. Duration: instant (empty table).

CREATE TABLE restored (
  account_id   TEXT    NOT NULL,
  execution_id BLOB    NOT NULL,
  until_us     INTEGER NOT NULL,
  PRIMARY KEY (account_id, execution_id)
) WITHOUT ROWID;
