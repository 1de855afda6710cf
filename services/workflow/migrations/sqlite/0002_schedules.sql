-- When workflows start by themselves.
-- Why: what is due must be known after a restart, and each due time must start one execution, never two.
-- A row stands for the latest version of its workflow; the settings are the deployment's and stay when a version is published.
-- Compatible from: first version. Duration: instant (empty table).

CREATE TABLE schedules (
  account_id  TEXT    NOT NULL,
  namespace   TEXT    NOT NULL,
  workflow    TEXT    NOT NULL,
  version     TEXT    NOT NULL,              -- that the rest is about; empty: none yet
  zone        TEXT    NOT NULL,              -- IANA time zone of cron expressions
  overlap     INTEGER NOT NULL,              -- 1: start also while the one before still runs
  catch_up    INTEGER NOT NULL,              -- 1: make up for missed times with one start
  paused      INTEGER NOT NULL,
  due_us      INTEGER,                       -- of the next start; null: none by time
  running     BLOB,                          -- the execution started last, until it is known to have ended
  collected   TEXT,                          -- JSON: the events collected so far (engine/events/trigger.h)
  PRIMARY KEY (account_id, workflow, namespace)
) WITHOUT ROWID;
