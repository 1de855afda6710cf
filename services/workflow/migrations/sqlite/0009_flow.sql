-- Flow control: what a deployment says of how runs flow, and the runs that wait for their turn.
-- Why: limits, keys and priorities hold for what waits and runs, also after a crash.
-- Compatible from: this version. Duration: instant (new tables).

CREATE TABLE flow_rules (
  account_id TEXT    NOT NULL,
  workflow   TEXT    NOT NULL,               -- namespace.name; empty: of the account
  definition TEXT    NOT NULL,               -- JSON (flow/rules.h)
  updated_us INTEGER NOT NULL,
  updated_by TEXT    NOT NULL,
  PRIMARY KEY (account_id, workflow)
) WITHOUT ROWID;

-- Somebody holds back what waits: of the account, a workflow, or a key of it.
CREATE TABLE flow_pauses (
  account_id TEXT    NOT NULL,
  workflow   TEXT    NOT NULL,
  expression TEXT    NOT NULL,
  key        TEXT    NOT NULL,
  note       TEXT    NOT NULL,
  created_us INTEGER NOT NULL,
  created_by TEXT    NOT NULL,
  PRIMARY KEY (account_id, workflow, expression, key)
) WITHOUT ROWID;

-- How far the throttles and rate limits have come (flow/gate.h).
CREATE TABLE flow_paces (
  account_id TEXT    NOT NULL,
  gate       TEXT    NOT NULL,               -- JSON: [rule, workflow, expression, key]
  due_us     INTEGER NOT NULL,
  PRIMARY KEY (account_id, gate)
) WITHOUT ROWID;

CREATE TABLE flow_runs (
  account_id  TEXT    NOT NULL,
  id          BLOB    NOT NULL,              -- of the execution
  state       INTEGER NOT NULL,              -- flow/stored_run.h
  seq         INTEGER NOT NULL,              -- in the order in which they came
  workflow    TEXT    NOT NULL,              -- namespace.name
  version     TEXT    NOT NULL,
  trigger     INTEGER NOT NULL,
  correlation TEXT    NOT NULL,
  keys        TEXT    NOT NULL,              -- JSON: {expression: value}
  arrival     TEXT    NOT NULL,              -- JSON: the same of what was decided when it came
  priority    INTEGER NOT NULL,
  created_us  INTEGER NOT NULL,
  due_us      INTEGER NOT NULL,              -- flow/stored_run.h
  items       INTEGER NOT NULL,              -- of a batch: it has collected some; 0: the input is its own
  reason      TEXT    NOT NULL,              -- of one that is over: why it did not start
  became      BLOB,                          -- of one that another stands for: that one
  input       TEXT    NOT NULL,              -- JSON
  PRIMARY KEY (account_id, id)
);
CREATE INDEX flow_runs_by_state ON flow_runs (account_id, state, seq);

-- What a batch has collected, in order.
CREATE TABLE flow_collected (
  account_id TEXT    NOT NULL,
  run_id     BLOB    NOT NULL,
  position   INTEGER NOT NULL,
  input      TEXT    NOT NULL,
  PRIMARY KEY (account_id, run_id, position)
) WITHOUT ROWID;

-- Who keeps the queue: each who begins takes the next number, and only the last may write.
CREATE TABLE flow_keeper (
  id    INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  epoch INTEGER NOT NULL
);
INSERT INTO flow_keeper (id, epoch) VALUES (1, 0);
