-- Whom people want to be told of what, and what is to be told.
-- Why: `notifications` is the outbox: a row is on disk before the event that caused it counts as seen, and stays until somebody has taken the
-- message or it was given up; afterwards it keeps the same occasion from being told twice, and shows what became of it.
-- Compatible from: first version. Duration: instant (empty tables).

CREATE TABLE notification_channels (
  account_id  TEXT    NOT NULL,
  id          BLOB    NOT NULL,
  name        TEXT    NOT NULL,
  settings    TEXT    NOT NULL,             -- JSON (notifications/channel.h)
  created_us  INTEGER NOT NULL,
  updated_us  INTEGER NOT NULL,
  PRIMARY KEY (account_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX notification_channels_by_name ON notification_channels (account_id, name);

CREATE TABLE notification_rules (
  account_id  TEXT    NOT NULL,
  id          BLOB    NOT NULL,
  settings    TEXT    NOT NULL,             -- JSON (notifications/rule.h)
  since_us    INTEGER NOT NULL,             -- what happened before is not told
  created_us  INTEGER NOT NULL,
  updated_us  INTEGER NOT NULL,
  PRIMARY KEY (account_id, id)
) WITHOUT ROWID;

CREATE TABLE notifications (
  account_id   TEXT    NOT NULL,
  id           BLOB    NOT NULL,            -- UUIDv7: by time
  channel_id   BLOB    NOT NULL,
  occasion     TEXT    NOT NULL,            -- "<execution>.<number of the event>" ...: one message a channel
  kind         INTEGER NOT NULL,            -- notifications/occasion.h
  rule_id      BLOB    NOT NULL,
  namespace    TEXT    NOT NULL,
  workflow     TEXT    NOT NULL,
  execution_id BLOB,
  status       INTEGER NOT NULL,            -- 1 to be sent, 2 delivered, 3 given up, 4 part of another message
  content      TEXT    NOT NULL,            -- JSON: what templates see
  group_id     BLOB,                        -- whose message it is part of
  attempts     INTEGER NOT NULL,
  due_us       INTEGER,                     -- of one to be sent: when it is tried
  created_us   INTEGER NOT NULL,
  ended_us     INTEGER,
  claimed_by   TEXT,                        -- the life of the process that sends it, until due_us at the latest
  answer       TEXT,                        -- JSON: what the other side said the last time
  PRIMARY KEY (account_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX notifications_once ON notifications (account_id, channel_id, occasion);
CREATE INDEX notifications_due ON notifications (account_id, channel_id, due_us) WHERE status = 1;
CREATE INDEX notifications_of_group ON notifications (account_id, group_id) WHERE group_id IS NOT NULL;
CREATE INDEX notifications_of_channel ON notifications (account_id, channel_id, id);
CREATE INDEX notifications_of_workflow ON notifications (account_id, workflow, id);

-- A storm of occasions of one kind and workflow for one channel: what comes before closes_us is told together then.
CREATE TABLE notification_groups (
  account_id  TEXT    NOT NULL,
  channel_id  BLOB    NOT NULL,
  kind        INTEGER NOT NULL,
  namespace   TEXT    NOT NULL,
  workflow    TEXT    NOT NULL,
  group_id    BLOB    NOT NULL,
  rule_id     BLOB    NOT NULL,
  opened_us   INTEGER NOT NULL,
  closes_us   INTEGER NOT NULL,
  PRIMARY KEY (account_id, channel_id, kind, namespace, workflow)
) WITHOUT ROWID;

-- Up to when events have become rows of `notifications`.
CREATE TABLE notification_progress (
  account_id   TEXT PRIMARY KEY,
  accepted_us  INTEGER NOT NULL
) WITHOUT ROWID;
