-- Whom people want to be told of what, and what is to be told.
-- Why: `notifications` is the outbox: a row is on disk before the event that caused it counts as seen, and stays until somebody has taken the
-- message or it was given up; afterwards it keeps the same occasion from being told twice, and shows what became of it.
-- Compatible from: first version. Duration: instant (empty tables).

CREATE TABLE notification_channels (
  account_id  TEXT COLLATE "C" NOT NULL,
  id          BYTEA   NOT NULL,
  name        TEXT COLLATE "C" NOT NULL,
  settings    TEXT    NOT NULL,             -- JSON (notifications/channel.h)
  created_us  BIGINT  NOT NULL,
  updated_us  BIGINT  NOT NULL,
  PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX notification_channels_by_name ON notification_channels (account_id, name);

CREATE TABLE notification_rules (
  account_id  TEXT COLLATE "C" NOT NULL,
  id          BYTEA   NOT NULL,
  settings    TEXT    NOT NULL,             -- JSON (notifications/rule.h)
  since_us    BIGINT  NOT NULL,             -- what happened before is not told
  created_us  BIGINT  NOT NULL,
  updated_us  BIGINT  NOT NULL,
  PRIMARY KEY (account_id, id)
);

CREATE TABLE notifications (
  account_id   TEXT COLLATE "C" NOT NULL,
  id           BYTEA   NOT NULL,            -- UUIDv7: by time
  channel_id   BYTEA   NOT NULL,
  occasion     TEXT COLLATE "C" NOT NULL,            -- "<execution>.<number of the event>" ...: one message a channel
  kind         BIGINT  NOT NULL,            -- notifications/occasion.h
  rule_id      BYTEA   NOT NULL,
  namespace    TEXT COLLATE "C" NOT NULL,
  workflow     TEXT COLLATE "C" NOT NULL,
  execution_id BYTEA,
  status       BIGINT  NOT NULL,            -- 1 to be sent, 2 delivered, 3 given up, 4 part of another message
  content      TEXT    NOT NULL,            -- JSON: what templates see
  group_id     BYTEA,                       -- whose message it is part of
  attempts     BIGINT  NOT NULL,
  due_us       BIGINT,                      -- of one to be sent: when it is tried
  created_us   BIGINT  NOT NULL,
  ended_us     BIGINT,
  claimed_by   TEXT,                        -- the life of the process that sends it, until due_us at the latest
  answer       TEXT,                        -- JSON: what the other side said the last time
  PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX notifications_once ON notifications (account_id, channel_id, occasion);
CREATE INDEX notifications_due ON notifications (account_id, channel_id, due_us) WHERE status = 1;
CREATE INDEX notifications_of_group ON notifications (account_id, group_id) WHERE group_id IS NOT NULL;
CREATE INDEX notifications_of_channel ON notifications (account_id, channel_id, id);
CREATE INDEX notifications_of_workflow ON notifications (account_id, workflow, id);

-- A storm of occasions of one kind and workflow for one channel: what comes before closes_us is told together then.
CREATE TABLE notification_groups (
  account_id  TEXT COLLATE "C" NOT NULL,
  channel_id  BYTEA   NOT NULL,
  kind        BIGINT  NOT NULL,
  namespace   TEXT COLLATE "C" NOT NULL,
  workflow    TEXT COLLATE "C" NOT NULL,
  group_id    BYTEA   NOT NULL,
  rule_id     BYTEA   NOT NULL,
  opened_us   BIGINT  NOT NULL,
  closes_us   BIGINT  NOT NULL,
  PRIMARY KEY (account_id, channel_id, kind, namespace, workflow)
);

-- Up to when events have become rows of `notifications`.
CREATE TABLE notification_progress (
  account_id   TEXT COLLATE "C" PRIMARY KEY,
  accepted_us  BIGINT NOT NULL
);

ALTER TABLE notification_channels ENABLE ROW LEVEL SECURITY;
ALTER TABLE notification_rules ENABLE ROW LEVEL SECURITY;
ALTER TABLE notifications ENABLE ROW LEVEL SECURITY;
ALTER TABLE notification_groups ENABLE ROW LEVEL SECURITY;
ALTER TABLE notification_progress ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON notification_channels USING (account_id = current_setting('elevaite.account', true));
CREATE POLICY own_account ON notification_rules USING (account_id = current_setting('elevaite.account', true));
CREATE POLICY own_account ON notifications USING (account_id = current_setting('elevaite.account', true));
CREATE POLICY own_account ON notification_groups USING (account_id = current_setting('elevaite.account', true));
CREATE POLICY own_account ON notification_progress USING (account_id = current_setting('elevaite.account', true));
