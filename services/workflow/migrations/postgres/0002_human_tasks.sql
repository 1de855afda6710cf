-- What people are asked by human.approve and human.form, what has become of it, the links and the files of each.
-- Why: an answer comes weeks later, from any node, and the first one counts; nothing of it is held in memory while it waits.
-- `due_us` is when somebody has to look at a row next: at once after every change, then when a reminder, an escalation or the end is due.
-- Row-level security as in 0001_workflows.sql: the owner of the tables, who does what is due in all accounts, is exempt.
-- Compatible from: first version. Duration: instant (empty tables).

CREATE TABLE human_tasks (
  account_id   TEXT COLLATE "C" NOT NULL,
  id           BYTEA NOT NULL,            -- follows from the execution and its frame
  execution_id BYTEA NOT NULL,
  frame        BIGINT NOT NULL,
  attempt      BIGINT NOT NULL,            -- at the activity, that awaits the answer
  namespace    TEXT COLLATE "C" NOT NULL,
  workflow     TEXT COLLATE "C" NOT NULL,
  version      TEXT NOT NULL,
  reference    TEXT NOT NULL,            -- of the task: "/do/1/ask"
  connector    TEXT NOT NULL,
  status       BIGINT NOT NULL,            -- 1 open, 2 answered, 3 expired, 4 cancelled
  is_open      BIGINT NOT NULL,            -- 1: status is 1
  title        TEXT NOT NULL,
  assignee     TEXT COLLATE "C" NOT NULL,            -- empty: none
  role         TEXT COLLATE "C" NOT NULL,            -- likewise
  question     TEXT NOT NULL,            -- JSON: what the call was given
  acts_left    TEXT NOT NULL,            -- JSON: what time will do to it
  outcome      TEXT,                     -- JSON: what the call gives, or {error}
  created_us   BIGINT NOT NULL,
  sorted_us    BIGINT NOT NULL,            -- its place in lists: when it was asked or reminded of last, or has ended
  deadline_us  BIGINT,
  ended_us     BIGINT,
  reminders    BIGINT NOT NULL,            -- so far
  acts         BIGINT NOT NULL,            -- rows of its history
  acts_told    BIGINT NOT NULL,            -- of these: as events
  due_us       BIGINT,
  life         TEXT NOT NULL,            -- of the process that has seen last that it is awaited
  PRIMARY KEY (account_id, id)
);
CREATE INDEX human_tasks_due ON human_tasks (due_us, id) WHERE due_us IS NOT NULL;
CREATE INDEX human_tasks_by_frame ON human_tasks (execution_id, frame);
CREATE INDEX human_tasks_listed ON human_tasks (account_id, is_open, sorted_us, id);
CREATE INDEX human_tasks_by_assignee ON human_tasks (account_id, assignee, is_open, sorted_us, id);
CREATE INDEX human_tasks_by_role ON human_tasks (account_id, role, is_open, sorted_us, id);

-- Who did what and when; never changed.
CREATE TABLE human_task_history (
  account_id TEXT COLLATE "C" NOT NULL,
  task_id    BYTEA NOT NULL,
  seq        BIGINT NOT NULL,              -- 1, 2, 3 ...
  time_us    BIGINT NOT NULL,
  act        TEXT NOT NULL,              -- created, seen, reminded, escalated, reassigned, answered, expired, cancelled ...
  actor      TEXT,                       -- who says to have done it; null: the server
  detail     TEXT,                       -- JSON
  PRIMARY KEY (account_id, task_id, seq)
);

-- Signed links: one for one person and one task. What is signed refers to a row.
CREATE TABLE human_task_links (
  account_id TEXT COLLATE "C" NOT NULL,
  id         BYTEA NOT NULL,
  task_id    BYTEA NOT NULL,
  assignee   TEXT NOT NULL,
  created_us BIGINT NOT NULL,
  expires_us BIGINT NOT NULL,
  revoked_us BIGINT,
  seen_us    BIGINT,                       -- for the first time
  PRIMARY KEY (account_id, id)
);
CREATE INDEX human_task_links_of_task ON human_task_links (account_id, task_id);

-- What was sent with forms; the bytes are in the store of objects.
CREATE TABLE human_task_files (
  account_id TEXT COLLATE "C" NOT NULL,
  id         BYTEA NOT NULL,
  task_id    BYTEA NOT NULL,
  name       TEXT NOT NULL,
  type       TEXT NOT NULL,              -- as its first bytes say
  bytes      BIGINT NOT NULL,
  digest     TEXT NOT NULL,              -- SHA-256 in hex
  created_us BIGINT NOT NULL,
  PRIMARY KEY (account_id, id)
);
CREATE INDEX human_task_files_of_task ON human_task_files (account_id, task_id);

ALTER TABLE human_tasks ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON human_tasks USING (account_id = current_setting('elevaite.account', true));
ALTER TABLE human_task_history ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON human_task_history USING (account_id = current_setting('elevaite.account', true));
ALTER TABLE human_task_links ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON human_task_links USING (account_id = current_setting('elevaite.account', true));
ALTER TABLE human_task_files ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON human_task_files USING (account_id = current_setting('elevaite.account', true));
