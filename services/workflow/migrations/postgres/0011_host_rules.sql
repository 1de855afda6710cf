-- What accounts say of the calls to a host.
-- Why: limits and circuit breakers of hosts hold for all who call them, also after a restart.
-- Compatible from: this version. Duration: instant (new table).

CREATE TABLE host_rules (
  account_id TEXT COLLATE "C" NOT NULL,
  pattern    TEXT COLLATE "C" NOT NULL,     -- hosts/host_rule.h
  definition TEXT COLLATE "C" NOT NULL,     -- JSON
  updated_us BIGINT NOT NULL,
  updated_by TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (account_id, pattern)
);

ALTER TABLE host_rules ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON host_rules USING (account_id = current_setting('elevaite.account', true));
