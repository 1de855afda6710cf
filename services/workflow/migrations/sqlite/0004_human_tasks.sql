-- What people are asked by human.approve and human.form, what has become of it, the links and the files of each.
-- Why: an answer comes weeks later, from any node, and the first one counts; nothing of it is held in memory while it waits.
-- `due_us` is when somebody has to look at a row next: at once after every change, then when a reminder, an escalation or the end is due.
-- Compatible from: first version. Duration: instant (empty tables).

CREATE TABLE human_tasks (
  account_id   TEXT NOT NULL,
  id           BLOB NOT NULL,            -- follows from the execution and its frame
  execution_id BLOB NOT NULL,
  frame        INTEGER NOT NULL,
  attempt      INTEGER NOT NULL,            -- at the activity, that awaits the answer
  namespace    TEXT NOT NULL,
  workflow     TEXT NOT NULL,
  version      TEXT NOT NULL,
  reference    TEXT NOT NULL,            -- of the task: "/do/1/ask"
  connector    TEXT NOT NULL,
  status       INTEGER NOT NULL,            -- 1 open, 2 answered, 3 expired, 4 cancelled
  is_open      INTEGER NOT NULL,            -- 1: status is 1
  title        TEXT NOT NULL,
  assignee     TEXT NOT NULL,            -- empty: none
  role         TEXT NOT NULL,            -- likewise
  question     TEXT NOT NULL,            -- JSON: what the call was given
  acts_left    TEXT NOT NULL,            -- JSON: what time will do to it
  outcome      TEXT,                     -- JSON: what the call gives, or {error}
  created_us   INTEGER NOT NULL,
  sorted_us    INTEGER NOT NULL,            -- its place in lists: when it was asked or reminded of last, or has ended
  deadline_us  INTEGER,
  ended_us     INTEGER,
  reminders    INTEGER NOT NULL,            -- so far
  acts         INTEGER NOT NULL,            -- rows of its history
  acts_told    INTEGER NOT NULL,            -- of these: as events
  due_us       INTEGER,
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
  account_id TEXT NOT NULL,
  task_id    BLOB NOT NULL,
  seq        INTEGER NOT NULL,              -- 1, 2, 3 ...
  time_us    INTEGER NOT NULL,
  act        TEXT NOT NULL,              -- created, seen, reminded, escalated, reassigned, answered, expired, cancelled ...
  actor      TEXT,                       -- who says to have done it; null: the server
  detail     TEXT,                       -- JSON
  PRIMARY KEY (account_id, task_id, seq)
) WITHOUT ROWID;

-- Signed links: one for one person and one task. What is signed refers to a row.
CREATE TABLE human_task_links (
  account_id TEXT NOT NULL,
  id         BLOB NOT NULL,
  task_id    BLOB NOT NULL,
  assignee   TEXT NOT NULL,
  created_us INTEGER NOT NULL,
  expires_us INTEGER NOT NULL,
  revoked_us INTEGER,
  seen_us    INTEGER,                       -- for the first time
  PRIMARY KEY (account_id, id)
) WITHOUT ROWID;
CREATE INDEX human_task_links_of_task ON human_task_links (account_id, task_id);

-- What was sent with forms; the bytes are in the store of objects.
CREATE TABLE human_task_files (
  account_id TEXT NOT NULL,
  id         BLOB NOT NULL,
  task_id    BLOB NOT NULL,
  name       TEXT NOT NULL,
  type       TEXT NOT NULL,              -- as its first bytes say
  bytes      INTEGER NOT NULL,
  digest     TEXT NOT NULL,              -- SHA-256 in hex
  created_us INTEGER NOT NULL,
  PRIMARY KEY (account_id, id)
) WITHOUT ROWID;
CREATE INDEX human_task_files_of_task ON human_task_files (account_id, task_id);
