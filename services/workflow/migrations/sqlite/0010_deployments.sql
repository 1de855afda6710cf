-- Which version of a workflow new executions get is a decision of its own: the current one, and a canary for a share of them.
-- Why: the version published last need not be the one that runs: people roll back, and try a version on a few executions first.
-- What a start needs stands in the row of the workflow, which it reads anyway; each change is a row of `deployments`.
-- Compatible from: this version. Duration: a moment for each thousand workflows.

ALTER TABLE workflows ADD COLUMN current_version TEXT NOT NULL DEFAULT '';
ALTER TABLE workflows ADD COLUMN canary TEXT;       -- JSON (deployment/deployment.h); null: none
ALTER TABLE workflows ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;   -- of the deployment
UPDATE workflows SET current_version = latest_version;
CREATE INDEX workflows_with_canary ON workflows (account_id, name, namespace) WHERE canary IS NOT NULL;

CREATE TABLE deployments (
  account_id      TEXT    NOT NULL,
  namespace       TEXT    NOT NULL,
  workflow        TEXT    NOT NULL,
  revision        INTEGER NOT NULL,
  at_us           INTEGER NOT NULL,
  act             TEXT    NOT NULL,          -- publish, activate, rollback, canary, promote, stop, abort, import
  who             TEXT    NOT NULL,
  note            TEXT    NOT NULL,
  current_version TEXT    NOT NULL,          -- as it was from then on, like `canary`
  canary          TEXT,
  PRIMARY KEY (account_id, workflow, namespace, revision)
) WITHOUT ROWID;
