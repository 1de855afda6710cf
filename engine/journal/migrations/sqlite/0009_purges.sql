-- Executions that are being forgotten.
-- Why: the events of a long one go in several commits. Its row goes with the first, so that nobody sees half of it; this one says what is
-- left to do when the process ends in between.
-- Compatible from: first version. Duration: instant (empty table).

CREATE TABLE purges (
  account_id   TEXT NOT NULL,
  execution_id BLOB NOT NULL,
  PRIMARY KEY (account_id, execution_id)
) WITHOUT ROWID;
