-- Operations: one act on all executions that match a filter, done in the background, a page at a time.
-- Why: what takes minutes must go on after a restart, and people want to see how far it has come.
-- Compatible from: this version. Duration: instant.

CREATE TABLE operations (
  account_id  TEXT COLLATE "C" NOT NULL,
  id          BYTEA   NOT NULL,
  act         TEXT    NOT NULL,
  arguments   TEXT    NOT NULL,              -- JSON, of the act
  filter      TEXT    NOT NULL,              -- JSON, as it was sent
  note        TEXT    NOT NULL,              -- JSON: by whom, why
  state       TEXT COLLATE "C" NOT NULL,     -- running, completed, cancelled
  place       TEXT    NOT NULL,              -- in the list of executions: behind what has been looked at
  total       BIGINT,                        -- null: not counted yet
  done        BIGINT  NOT NULL,
  skipped     BIGINT  NOT NULL,
  failed      BIGINT  NOT NULL,
  reasons     TEXT    NOT NULL,              -- JSON: of the first that were skipped or failed
  created_us  BIGINT  NOT NULL,
  updated_us  BIGINT  NOT NULL,
  ended_us    BIGINT,
  PRIMARY KEY (account_id, id)
);
CREATE INDEX operations_running ON operations (account_id, id) WHERE state = 'running';
CREATE INDEX operations_ended ON operations (ended_us) WHERE ended_us IS NOT NULL;
ALTER TABLE operations ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON operations USING (account_id = current_setting('elevaite.account', true));
