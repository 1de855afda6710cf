-- How long accounts keep executions that have ended, where they have said it.
-- Why: retention is one for all by the options of the server; an account may need less, or more (retention/account_times.h).
-- Row-level security as in 0001.
-- Compatible from: this version; a server of before goes by its options. Duration: instant (new table).

CREATE TABLE retention_times (
  account_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  definition TEXT COLLATE "C" NOT NULL,     -- JSON
  updated_us BIGINT NOT NULL,
  updated_by TEXT COLLATE "C" NOT NULL
);

ALTER TABLE retention_times ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON retention_times USING (account_id = current_setting('elevaite.account', true));
