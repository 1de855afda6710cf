-- Events that were emitted or sent in, kept for a day.
-- Why: a listener that begins a little later, or comes back after a crash, must miss none; an event sent twice must count once.
-- Row-level security as in 0001.
-- Compatible from: first version. Duration: instant (empty table).

CREATE TABLE events (
  account_id  TEXT COLLATE "C" NOT NULL,
  position    BIGINT NOT NULL PRIMARY KEY,  -- grows with each event accepted
  source      TEXT COLLATE "C" NOT NULL,
  event_id    TEXT COLLATE "C" NOT NULL,
  type        TEXT COLLATE "C" NOT NULL,
  accepted_us BIGINT NOT NULL,
  event       TEXT   NOT NULL               -- CloudEvents 1.0, JSON
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE UNIQUE INDEX events_identity ON events (account_id, source, event_id);
CREATE INDEX events_by_type ON events (account_id, type, position);
CREATE INDEX events_by_age ON events (accepted_us);

ALTER TABLE events ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON events USING (account_id = current_setting('elevaite.account', true));
