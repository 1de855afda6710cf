-- Executions and their journal.
-- Why: the state of every execution is the fold of its events; a snapshot shortens the fold. `executions` is the small row that lists
-- and filters read; input and output are in the first and last event.
-- Ids are UUIDv7, so clustering by id is clustering by time, and rows are appended at the end of each table.
-- Compatible from: first version. Duration: instant (empty tables).

CREATE TABLE executions (
  account_id  TEXT    NOT NULL,
  id          BLOB    NOT NULL,
  shard       INTEGER NOT NULL,             -- of 64, by hash of the id; a partition owns several
  namespace   TEXT    NOT NULL,
  workflow    TEXT    NOT NULL,
  version     TEXT    NOT NULL,
  trigger     INTEGER NOT NULL,
  correlation TEXT    NOT NULL,
  phase       INTEGER NOT NULL,
  created_us  INTEGER NOT NULL,
  started_us  INTEGER NOT NULL,
  finished_us INTEGER,
  error       TEXT,                         -- {type, status, title}
  PRIMARY KEY (account_id, id)
) WITHOUT ROWID;

CREATE INDEX executions_by_workflow ON executions (account_id, workflow, id);
-- Small: rows leave these when they finish well.
CREATE INDEX executions_unfinished ON executions (shard, account_id, id) WHERE finished_us IS NULL;
CREATE INDEX executions_not_completed ON executions (account_id, phase, id) WHERE phase <> 6;

-- One row a step of the engine: the events from first_seq on (see engine/machine/event.h for the bytes).
CREATE TABLE journal (
  account_id   TEXT    NOT NULL,
  execution_id BLOB    NOT NULL,
  first_seq    INTEGER NOT NULL,
  events       BLOB    NOT NULL,
  PRIMARY KEY (account_id, execution_id, first_seq)
) WITHOUT ROWID;

-- The latest snapshot of an unfinished execution (see engine/machine/state.h).
CREATE TABLE snapshots (
  account_id   TEXT    NOT NULL,
  execution_id BLOB    NOT NULL,
  seq          INTEGER NOT NULL,            -- the last event it contains
  state        BLOB    NOT NULL,
  PRIMARY KEY (account_id, execution_id)
) WITHOUT ROWID;
