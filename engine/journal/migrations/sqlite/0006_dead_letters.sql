-- Tasks that were given up because the process died each time that they were done.
-- Why: people must find and judge them; their executions may be gone or may have caught the error.
-- Few rows: they are read by account, newest first.
-- Compatible from: first version. Duration: instant (empty table).

CREATE TABLE dead_letters (
  account_id   TEXT    NOT NULL,
  id           BLOB    NOT NULL,            -- UUIDv7: by time
  execution_id BLOB    NOT NULL,
  frame        INTEGER NOT NULL,            -- the run of the task
  namespace    TEXT    NOT NULL,
  workflow     TEXT    NOT NULL,
  version      TEXT    NOT NULL,
  reference    TEXT    NOT NULL,            -- of the task: "/do/1/fetch"
  connector    TEXT    NOT NULL,
  attempts     INTEGER NOT NULL,
  error        TEXT    NOT NULL,            -- which the task faulted with, JSON
  time_us      INTEGER NOT NULL,
  PRIMARY KEY (account_id, id)
) WITHOUT ROWID;
CREATE INDEX dead_letters_by_workflow ON dead_letters (account_id, workflow, id);
