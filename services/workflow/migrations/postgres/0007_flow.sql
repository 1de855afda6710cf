-- Flow control: what a deployment says of how runs flow, and the runs that wait for their turn.
-- Why: limits, keys and priorities hold for what waits and runs, also after a crash.
-- Compatible from: this version. Duration: instant (new tables).

CREATE TABLE flow_rules (
  account_id TEXT COLLATE "C" NOT NULL,
  workflow   TEXT COLLATE "C" NOT NULL,     -- namespace.name; empty: of the account
  definition TEXT COLLATE "C" NOT NULL,     -- JSON (flow/rules.h)
  updated_us BIGINT NOT NULL,
  updated_by TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (account_id, workflow)
);

-- Somebody holds back what waits: of the account, a workflow, or a key of it.
CREATE TABLE flow_pauses (
  account_id TEXT COLLATE "C" NOT NULL,
  workflow   TEXT COLLATE "C" NOT NULL,
  expression TEXT COLLATE "C" NOT NULL,
  key        TEXT COLLATE "C" NOT NULL,
  note       TEXT COLLATE "C" NOT NULL,
  created_us BIGINT NOT NULL,
  created_by TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (account_id, workflow, expression, key)
);

-- How far the throttles and rate limits have come (flow/gate.h).
CREATE TABLE flow_paces (
  account_id TEXT COLLATE "C" NOT NULL,
  gate       TEXT COLLATE "C" NOT NULL,     -- JSON: [rule, workflow, expression, key]
  due_us     BIGINT NOT NULL,
  PRIMARY KEY (account_id, gate)
);

CREATE TABLE flow_runs (
  account_id  TEXT COLLATE "C" NOT NULL,
  id          BYTEA NOT NULL,               -- of the execution
  state       BIGINT NOT NULL,              -- flow/stored_run.h
  seq         BIGINT NOT NULL,              -- in the order in which they came
  workflow    TEXT COLLATE "C" NOT NULL,    -- namespace.name
  version     TEXT COLLATE "C" NOT NULL,
  trigger     BIGINT NOT NULL,
  correlation TEXT COLLATE "C" NOT NULL,
  keys        TEXT COLLATE "C" NOT NULL,    -- JSON: {expression: value}
  arrival     TEXT COLLATE "C" NOT NULL,    -- JSON: the same of what was decided when it came
  priority    BIGINT NOT NULL,
  created_us  BIGINT NOT NULL,
  due_us      BIGINT NOT NULL,              -- flow/stored_run.h
  items       BIGINT NOT NULL,              -- of a batch: it has collected some; 0: the input is its own
  reason      TEXT COLLATE "C" NOT NULL,    -- of one that is over: why it did not start
  became      BYTEA,                        -- of one that another stands for: that one
  input       TEXT COLLATE "C" NOT NULL,    -- JSON
  PRIMARY KEY (account_id, id)
);
CREATE INDEX flow_runs_by_state ON flow_runs (account_id, state, seq);

-- What a batch has collected, in order.
CREATE TABLE flow_collected (
  account_id TEXT COLLATE "C" NOT NULL,
  run_id     BYTEA NOT NULL,
  position   BIGINT NOT NULL,
  input      TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (account_id, run_id, position)
);

-- Who keeps the queue: each who begins takes the next number, and only the last may write.
CREATE TABLE flow_keeper (
  id    BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
  epoch BIGINT NOT NULL
);
INSERT INTO flow_keeper (id, epoch) VALUES (1, 0);

ALTER TABLE flow_rules ENABLE ROW LEVEL SECURITY;
ALTER TABLE flow_pauses ENABLE ROW LEVEL SECURITY;
ALTER TABLE flow_paces ENABLE ROW LEVEL SECURITY;
ALTER TABLE flow_runs ENABLE ROW LEVEL SECURITY;
ALTER TABLE flow_collected ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON flow_rules USING (account_id = current_setting('elevaite.account', true));
CREATE POLICY own_account ON flow_pauses USING (account_id = current_setting('elevaite.account', true));
CREATE POLICY own_account ON flow_paces USING (account_id = current_setting('elevaite.account', true));
CREATE POLICY own_account ON flow_runs USING (account_id = current_setting('elevaite.account', true));
CREATE POLICY own_account ON flow_collected USING (account_id = current_setting('elevaite.account', true));
