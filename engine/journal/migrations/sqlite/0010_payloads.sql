-- Large values of executions, which stand in the store of objects.
-- Why: what an execution has there is deleted with it, and what no commit speaks of is found. The rows of the journal refer to the values
-- themselves (engine/journal/payload_rows.h). A row with `swept_us` is a grave: its object was of no commit and is gone, and a commit
-- that comes after all cannot take the id any more.
-- `object_stores` has one row, once there was such a store: which one it is, and up to when it has been swept.
-- Compatible from: first version. Duration: instant (empty tables).

CREATE TABLE payloads (
  account_id   TEXT NOT NULL,
  execution_id BLOB NOT NULL,
  payload_id   BLOB NOT NULL,               -- UUIDv7: when it was written
  swept_us     INTEGER,
  PRIMARY KEY (account_id, execution_id, payload_id)
) WITHOUT ROWID;
CREATE INDEX payloads_swept ON payloads (swept_us) WHERE swept_us IS NOT NULL;

CREATE TABLE object_stores (
  one      INTEGER PRIMARY KEY CHECK (one = 1),
  id       TEXT    NOT NULL,                -- there is an object `stores/<id>` in it
  swept_us INTEGER NOT NULL
);
