-- What accounts say of the calls to a host.
-- Why: limits and circuit breakers of hosts hold for all who call them, also after a restart.
-- Compatible from: this version. Duration: instant (new table).

CREATE TABLE host_rules (
  account_id TEXT    NOT NULL,
  pattern    TEXT    NOT NULL,               -- hosts/host_rule.h
  definition TEXT    NOT NULL,               -- JSON
  updated_us INTEGER NOT NULL,
  updated_by TEXT    NOT NULL,
  PRIMARY KEY (account_id, pattern)
) WITHOUT ROWID;
