-- Webhooks as objects: several a workflow, each with its methods, how callers show who they are, and what they are answered.
-- Why: one path and method a workflow, open to everybody who knows the address, is not enough for those who send events.
-- Compatible from: this version; what stood in the old table is taken over. Duration: instant (few rows).

ALTER TABLE webhooks RENAME TO webhooks_before;
DROP INDEX webhooks_by_workflow;

CREATE TABLE webhooks (
  account_id TEXT    NOT NULL,
  id         BLOB    NOT NULL,
  namespace  TEXT    NOT NULL,
  workflow   TEXT    NOT NULL,
  path       TEXT    NOT NULL,
  settings   TEXT    NOT NULL,              -- JSON: services/workflow/webhooks/webhook.h
  created_us INTEGER NOT NULL,
  updated_us INTEGER NOT NULL,
  PRIMARY KEY (account_id, id)
) WITHOUT ROWID;
CREATE INDEX webhooks_by_path ON webhooks (account_id, path, id);
CREATE INDEX webhooks_by_workflow ON webhooks (account_id, workflow, namespace);

-- Which of them answers a method at a path.
CREATE TABLE webhook_methods (
  account_id TEXT NOT NULL,
  path       TEXT NOT NULL,
  method     TEXT NOT NULL,
  webhook_id BLOB NOT NULL,
  PRIMARY KEY (account_id, path, method)
) WITHOUT ROWID;

-- The execution that the first request with a key started.
CREATE TABLE webhook_keys (
  account_id   TEXT    NOT NULL,
  webhook_id   BLOB    NOT NULL,
  key          BLOB    NOT NULL,            -- its SHA-256
  execution_id BLOB    NOT NULL,
  created_us   INTEGER NOT NULL,
  PRIMARY KEY (account_id, webhook_id, key)
) WITHOUT ROWID;
CREATE INDEX webhook_keys_by_age ON webhook_keys (account_id, webhook_id, created_us);

INSERT INTO webhooks (account_id, id, namespace, workflow, path, settings, created_us, updated_us)
  SELECT account_id, randomblob(16), namespace, workflow, path,
    json_object('path', path, 'methods', json_array(method),
      'response', CASE WHEN wait_ms > 0 THEN json_object('wait', wait_ms || 'ms') ELSE json_object() END),
    CAST(strftime('%s', 'now') AS INTEGER) * 1000000, CAST(strftime('%s', 'now') AS INTEGER) * 1000000
  FROM webhooks_before;
INSERT INTO webhook_methods (account_id, path, method, webhook_id)
  SELECT h.account_id, h.path, b.method, h.id FROM webhooks h JOIN webhooks_before b ON b.account_id = h.account_id AND b.path = h.path;
DROP TABLE webhooks_before;
