-- Workflows, their published versions, what those refer to, how they are deployed, when they start by themselves, and idempotent starts.
-- Why: a version is immutable once published; what may change without a new document (triggers) is in deployments. What is due must be
-- known after a restart.
-- Row-level security: a role sees the rows of the account in the setting `elevaite.account`; the owner of the tables is exempt, for it
-- reads the schedules of all accounts at the start, and each other statement names the account.
-- Compatible from: first version. Duration: instant (empty tables).

CREATE TABLE workflows (
  account_id     TEXT COLLATE "C" NOT NULL,
  namespace      TEXT COLLATE "C" NOT NULL,
  name           TEXT COLLATE "C" NOT NULL,
  latest_version TEXT   NOT NULL,           -- the one published last
  title          TEXT,
  summary        TEXT,
  tags           TEXT,                      -- JSON object
  created_us     BIGINT NOT NULL,
  updated_us     BIGINT NOT NULL,
  PRIMARY KEY (account_id, name, namespace)
);

CREATE TABLE versions (
  account_id TEXT COLLATE "C" NOT NULL,
  namespace  TEXT COLLATE "C" NOT NULL,
  name       TEXT COLLATE "C" NOT NULL,
  version    TEXT COLLATE "C" NOT NULL,
  source     TEXT   NOT NULL,               -- as it was sent, byte for byte
  format     TEXT   NOT NULL,               -- yaml | json
  created_us BIGINT NOT NULL,
  PRIMARY KEY (account_id, name, namespace, version)
);

-- What a version refers to by address (functions of catalogs, schemas), as it was when the version was published.
CREATE TABLE resources (
  account_id TEXT COLLATE "C" NOT NULL,
  namespace  TEXT COLLATE "C" NOT NULL,
  name       TEXT COLLATE "C" NOT NULL,
  version    TEXT COLLATE "C" NOT NULL,
  uri        TEXT COLLATE "C" NOT NULL,
  text       TEXT NOT NULL
);
-- Addresses may be longer than an index takes.
CREATE INDEX resources_of_version ON resources (account_id, name, namespace, version);

CREATE TABLE webhooks (
  account_id TEXT COLLATE "C" NOT NULL,
  path       TEXT COLLATE "C" NOT NULL,
  namespace  TEXT COLLATE "C" NOT NULL,
  workflow   TEXT COLLATE "C" NOT NULL,
  method     TEXT   NOT NULL,
  wait_ms    BIGINT NOT NULL,               -- how long the caller is kept waiting for the result; 0: not at all
  PRIMARY KEY (account_id, path)
);
CREATE UNIQUE INDEX webhooks_by_workflow ON webhooks (account_id, workflow, namespace);

-- The execution that an Idempotency-Key started.
CREATE TABLE idempotency_keys (
  account_id   TEXT COLLATE "C" NOT NULL,
  namespace    TEXT COLLATE "C" NOT NULL,
  workflow     TEXT COLLATE "C" NOT NULL,
  key          TEXT COLLATE "C" NOT NULL,
  execution_id BYTEA  NOT NULL,
  fingerprint  TEXT   NOT NULL,             -- of the request: the same key with another request is a conflict
  created_us   BIGINT NOT NULL,
  PRIMARY KEY (account_id, workflow, namespace, key)
);

-- A row stands for the latest version of its workflow; the settings are the deployment's and stay when a version is published.
CREATE TABLE schedules (
  account_id  TEXT COLLATE "C" NOT NULL,
  namespace   TEXT COLLATE "C" NOT NULL,
  workflow    TEXT COLLATE "C" NOT NULL,
  version     TEXT    NOT NULL,             -- that the rest is about; empty: none yet
  zone        TEXT    NOT NULL,             -- IANA time zone of cron expressions
  overlap     INTEGER NOT NULL,             -- 1: start also while the one before still runs
  catch_up    INTEGER NOT NULL,             -- 1: make up for missed times with one start
  paused      INTEGER NOT NULL,
  due_us      BIGINT,                       -- of the next start; null: none by time
  running     BYTEA,                        -- the execution started last, until it is known to have ended
  collected   TEXT,                         -- JSON: the events collected so far (engine/events/trigger.h)
  PRIMARY KEY (account_id, workflow, namespace)
);

ALTER TABLE workflows ENABLE ROW LEVEL SECURITY;
ALTER TABLE versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE resources ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhooks ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE schedules ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON workflows USING (account_id = current_setting('elevaite.account', true));
CREATE POLICY own_account ON versions USING (account_id = current_setting('elevaite.account', true));
CREATE POLICY own_account ON resources USING (account_id = current_setting('elevaite.account', true));
CREATE POLICY own_account ON webhooks USING (account_id = current_setting('elevaite.account', true));
CREATE POLICY own_account ON idempotency_keys USING (account_id = current_setting('elevaite.account', true));
CREATE POLICY own_account ON schedules USING (account_id = current_setting('elevaite.account', true));
