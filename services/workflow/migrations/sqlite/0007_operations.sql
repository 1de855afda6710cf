-- Operations: one act on all executions that match a filter, done in the background, a page at a time.
-- Why: what takes minutes must go on after a restart, and people want to see how far it has come.
-- Compatible from: this version. Duration: instant.

CREATE TABLE operations (
  account_id  TEXT    NOT NULL,
  id          BLOB    NOT NULL,
  act         TEXT    NOT NULL,
  arguments   TEXT    NOT NULL,              -- JSON, of the act
  filter      TEXT    NOT NULL,              -- JSON, as it was sent
  note        TEXT    NOT NULL,              -- JSON: by whom, why
  state       TEXT    NOT NULL,              -- running, completed, cancelled
  place       TEXT    NOT NULL,              -- in the list of executions: behind what has been looked at
  total       INTEGER,                       -- null: not counted yet
  done        INTEGER NOT NULL,
  skipped     INTEGER NOT NULL,
  failed      INTEGER NOT NULL,
  reasons     TEXT    NOT NULL,              -- JSON: of the first that were skipped or failed
  created_us  INTEGER NOT NULL,
  updated_us  INTEGER NOT NULL,
  ended_us    INTEGER,
  PRIMARY KEY (account_id, id)
) WITHOUT ROWID;
CREATE INDEX operations_running ON operations (account_id, id) WHERE state = 'running';
CREATE INDEX operations_ended ON operations (ended_us) WHERE ended_us IS NOT NULL;
