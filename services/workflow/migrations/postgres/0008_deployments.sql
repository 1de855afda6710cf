-- Which version of a workflow new executions get is a decision of its own: the current one, and a canary for a share of them.
-- Why: the version published last need not be the one that runs: people roll back, and try a version on a few executions first.
-- What a start needs stands in the row of the workflow, which it reads anyway; each change is a row of `deployments`.
-- Compatible from: this version. Lock: `workflows` is not written meanwhile. Duration: a moment for each thousand workflows.

ALTER TABLE workflows
  ADD COLUMN current_version TEXT NOT NULL DEFAULT '',
  ADD COLUMN canary TEXT,                    -- JSON (deployment/deployment.h); null: none
  ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;        -- of the deployment
UPDATE workflows SET current_version = latest_version;
CREATE INDEX workflows_with_canary ON workflows (account_id, name, namespace) WHERE canary IS NOT NULL;

CREATE TABLE deployments (
  account_id      TEXT COLLATE "C" NOT NULL,
  namespace       TEXT COLLATE "C" NOT NULL,
  workflow        TEXT COLLATE "C" NOT NULL,
  revision        BIGINT  NOT NULL,
  at_us           BIGINT  NOT NULL,
  act             TEXT    NOT NULL,          -- publish, activate, rollback, canary, promote, stop, abort, import
  who             TEXT    NOT NULL,
  note            TEXT    NOT NULL,
  current_version TEXT    NOT NULL,          -- as it was from then on, like `canary`
  canary          TEXT,
  PRIMARY KEY (account_id, workflow, namespace, revision)
);
ALTER TABLE deployments ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON deployments USING (account_id = current_setting('elevaite.account', true));
