-- Large values of executions, which stand in the store of objects.
-- Why: what an execution has there is deleted with it, and what no commit speaks of is found. The rows of the journal refer to the values
-- themselves (engine/journal/payload_rows.h). A row with `swept_us` is a grave: its object was of no commit and is gone, and a commit
-- that comes after all cannot take the id any more. Row-level security as in 0001.
-- `object_stores` has one row, once there was such a store: which one it is, and up to when it has been swept.
-- Compatible from: first version. Duration: instant (empty tables).

CREATE TABLE payloads (
  account_id   TEXT COLLATE "C" NOT NULL,
  execution_id BYTEA  NOT NULL,
  payload_id   BYTEA  NOT NULL,             -- UUIDv7: when it was written
  swept_us     BIGINT,
  PRIMARY KEY (account_id, execution_id, payload_id)
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX payloads_swept ON payloads (swept_us) WHERE swept_us IS NOT NULL;
ALTER TABLE payloads ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON payloads USING (account_id = current_setting('elevaite.account', true));

CREATE TABLE object_stores (
  one      INTEGER PRIMARY KEY CHECK (one = 1),
  id       TEXT    NOT NULL,                -- there is an object `stores/<id>` in it
  swept_us BIGINT  NOT NULL
);
