-- Executions that were brought back from the archive, and until when they stay whatever their age.
-- Why: the process that forgets what is old need not be the one that brought it back, nor the one of then (engine/journal/restored.h).
-- Row-level security as in 0001.
-- Compatible from: first version. Duration: instant (empty table).

CREATE TABLE restored (
  account_id   TEXT COLLATE "C" NOT NULL,
  execution_id BYTEA  NOT NULL,
  until_us     BIGINT NOT NULL,
  PRIMARY KEY (account_id, execution_id)
);
ALTER TABLE restored ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON restored USING (account_id = current_setting('elevaite.account', true));
