-- How long accounts keep executions that have ended, where they have said it.
-- Why: retention is one for all by the options of the server; an account may need less, or more (retention/account_times.h).
-- Compatible from: this version; a server of before goes by its options. Duration: instant (new table).

CREATE TABLE retention_times (
  account_id TEXT    NOT NULL PRIMARY KEY,
  definition TEXT    NOT NULL,               -- JSON
  updated_us INTEGER NOT NULL,
  updated_by TEXT    NOT NULL
) WITHOUT ROWID;
