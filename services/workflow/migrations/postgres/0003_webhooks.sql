-- Webhooks as objects: several a workflow, each with its methods, how callers show who they are, and what they are answered.
-- Why: one path and method a workflow, open to everybody who knows the address, is not enough for those who send events.
-- Compatible from: this version; what stood in the old table is taken over. Duration: instant (few rows; the table is locked meanwhile).

ALTER TABLE webhooks RENAME TO webhooks_before;
ALTER TABLE webhooks_before RENAME CONSTRAINT webhooks_pkey TO webhooks_before_pkey;
DROP INDEX webhooks_by_workflow;

CREATE TABLE webhooks (
  account_id TEXT COLLATE "C" NOT NULL,
  id         BYTEA  NOT NULL,
  namespace  TEXT COLLATE "C" NOT NULL,
  workflow   TEXT COLLATE "C" NOT NULL,
  path       TEXT COLLATE "C" NOT NULL,
  settings   TEXT   NOT NULL,               -- JSON: services/workflow/webhooks/webhook.h
  created_us BIGINT NOT NULL,
  updated_us BIGINT NOT NULL,
  PRIMARY KEY (account_id, id)
);
CREATE INDEX webhooks_by_path ON webhooks (account_id, path, id);
CREATE INDEX webhooks_by_workflow ON webhooks (account_id, workflow, namespace);

-- Which of them answers a method at a path.
CREATE TABLE webhook_methods (
  account_id TEXT COLLATE "C" NOT NULL,
  path       TEXT COLLATE "C" NOT NULL,
  method     TEXT COLLATE "C" NOT NULL,
  webhook_id BYTEA  NOT NULL,
  PRIMARY KEY (account_id, path, method)
);

-- The execution that the first request with a key started.
CREATE TABLE webhook_keys (
  account_id   TEXT COLLATE "C" NOT NULL,
  webhook_id   BYTEA  NOT NULL,
  key          BYTEA  NOT NULL,             -- its SHA-256
  execution_id BYTEA  NOT NULL,
  created_us   BIGINT NOT NULL,
  PRIMARY KEY (account_id, webhook_id, key)
);
CREATE INDEX webhook_keys_by_age ON webhook_keys (account_id, webhook_id, created_us);

INSERT INTO webhooks (account_id, id, namespace, workflow, path, settings, created_us, updated_us)
  SELECT account_id, decode(replace(gen_random_uuid()::text, '-', ''), 'hex'), namespace, workflow, path,
    json_build_object('path', path, 'methods', json_build_array(method),
      'response', CASE WHEN wait_ms > 0 THEN json_build_object('wait', wait_ms || 'ms') ELSE json_build_object() END)::text,
    (extract(epoch FROM now()) * 1000000)::bigint, (extract(epoch FROM now()) * 1000000)::bigint
  FROM webhooks_before;
INSERT INTO webhook_methods (account_id, path, method, webhook_id)
  SELECT h.account_id, h.path, b.method, h.id FROM webhooks h JOIN webhooks_before b ON b.account_id = h.account_id AND b.path = h.path;
DROP TABLE webhooks_before;

ALTER TABLE webhooks ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook_methods ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook_keys ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON webhooks USING (account_id = current_setting('elevaite.account', true));
CREATE POLICY own_account ON webhook_methods USING (account_id = current_setting('elevaite.account', true));
CREATE POLICY own_account ON webhook_keys USING (account_id = current_setting('elevaite.account', true));
