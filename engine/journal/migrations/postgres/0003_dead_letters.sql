-- Tasks that were given up because the process died each time that they were done.
-- Why: people must find and judge them; their executions may be gone or may have caught the error.
-- Few rows: they are read by account, newest first. Row-level security as in 0001.
-- Compatible from: first version. Duration: instant (empty table).

CREATE TABLE dead_letters (
  account_id   TEXT COLLATE "C" NOT NULL,
  id           BYTEA   NOT NULL,            -- UUIDv7: by time
  execution_id BYTEA   NOT NULL,
  frame        BIGINT  NOT NULL,            -- the run of the task
  namespace    TEXT COLLATE "C" NOT NULL,
  workflow     TEXT COLLATE "C" NOT NULL,
  version      TEXT    NOT NULL,
  reference    TEXT    NOT NULL,            -- of the task: "/do/1/fetch"
  connector    TEXT    NOT NULL,
  attempts     BIGINT  NOT NULL,
  error        TEXT    NOT NULL,            -- which the task faulted with, JSON
  time_us      BIGINT  NOT NULL,
  PRIMARY KEY (account_id, id)
);
CREATE INDEX dead_letters_by_workflow ON dead_letters (account_id, workflow, id);

ALTER TABLE dead_letters ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON dead_letters USING (account_id = current_setting('elevaite.account', true));
