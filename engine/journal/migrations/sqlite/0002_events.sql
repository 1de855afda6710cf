-- Events that were emitted or sent in, kept for a day.
-- Why: a listener that begins a little later, or comes back after a crash, must miss none; an event sent twice must count once.
-- Compatible from: first version. Duration: instant (empty table).

CREATE TABLE events (
  account_id  TEXT    NOT NULL,
  position    INTEGER NOT NULL PRIMARY KEY, -- grows with each event accepted
  source      TEXT    NOT NULL,
  event_id    TEXT    NOT NULL,
  type        TEXT    NOT NULL,
  accepted_us INTEGER NOT NULL,
  event       TEXT    NOT NULL              -- CloudEvents 1.0, JSON
);
CREATE UNIQUE INDEX events_identity ON events (account_id, source, event_id);
CREATE INDEX events_by_type ON events (account_id, type, position);
CREATE INDEX events_by_age ON events (accepted_us);
