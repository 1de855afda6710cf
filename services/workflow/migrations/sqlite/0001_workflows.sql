-- Workflows, their published versions, how they are deployed, and idempotent starts.
-- Why: a version is immutable once published; what may change without a new document (triggers) is in deployments.
-- Compatible from: first version. Duration: instant (empty tables).

CREATE TABLE workflows (
  account_id     TEXT    NOT NULL,
  namespace      TEXT    NOT NULL,
  name           TEXT    NOT NULL,
  latest_version TEXT    NOT NULL,          -- the one published last
  title          TEXT,
  summary        TEXT,
  tags           TEXT,                      -- JSON object
  created_us     INTEGER NOT NULL,
  updated_us     INTEGER NOT NULL,
  PRIMARY KEY (account_id, name, namespace)
) WITHOUT ROWID;

CREATE TABLE versions (
  account_id TEXT    NOT NULL,
  namespace  TEXT    NOT NULL,
  name       TEXT    NOT NULL,
  version    TEXT    NOT NULL,
  source     TEXT    NOT NULL,              -- as it was sent, byte for byte
  format     TEXT    NOT NULL,              -- yaml | json
  created_us INTEGER NOT NULL,
  PRIMARY KEY (account_id, name, namespace, version)
) WITHOUT ROWID;

CREATE TABLE webhooks (
  account_id TEXT    NOT NULL,
  path       TEXT    NOT NULL,
  namespace  TEXT    NOT NULL,
  workflow   TEXT    NOT NULL,
  method     TEXT    NOT NULL,
  wait_ms    INTEGER NOT NULL,              -- how long the caller is kept waiting for the result; 0: not at all
  PRIMARY KEY (account_id, path)
) WITHOUT ROWID;
CREATE UNIQUE INDEX webhooks_by_workflow ON webhooks (account_id, workflow, namespace);

-- The execution that an Idempotency-Key started.
CREATE TABLE idempotency_keys (
  account_id   TEXT    NOT NULL,
  namespace    TEXT    NOT NULL,
  workflow     TEXT    NOT NULL,
  key          TEXT    NOT NULL,
  execution_id BLOB    NOT NULL,
  fingerprint  TEXT    NOT NULL,            -- of the request: the same key with another request is a conflict
  created_us   INTEGER NOT NULL,
  PRIMARY KEY (account_id, workflow, namespace, key)
) WITHOUT ROWID;
