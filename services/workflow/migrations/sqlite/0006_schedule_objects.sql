-- Schedules become objects: a workflow may have many, of several times, with an input, policies and a note. That of a document is one of them.
-- Why: when a workflow starts is a matter of its deployment, and differs from place to place.
-- Compatible from: this version. Duration: a moment for each thousand workflows.

CREATE TABLE schedule_objects (
  account_id  TEXT    NOT NULL,
  id          TEXT    NOT NULL,              -- of a document: namespace.workflow; of others: a name without a dot
  namespace   TEXT    NOT NULL,
  workflow    TEXT    NOT NULL,
  version     TEXT    NOT NULL,              -- of a document: that the rest is about, empty: none yet; of others: to start, empty: the latest
  kind        TEXT    NOT NULL,              -- what starts it: times, after, events; none; empty: not known yet
  definition  TEXT    NOT NULL,              -- JSON (schedule/schedule_spec.h)
  input       TEXT,                          -- JSON; null: {}
  paused      INTEGER NOT NULL,
  note        TEXT    NOT NULL,              -- why it is paused
  created_us  INTEGER NOT NULL,
  updated_us  INTEGER NOT NULL,
  due_us      INTEGER,                       -- the next due time; null: none by time, or it waits for an end
  running     BLOB,                          -- the ids of executions whose end has not been seen, 16 bytes each
  progress    TEXT,                          -- JSON (schedule/progress.h)
  collected   TEXT,                          -- JSON: the events collected so far (engine/events/trigger.h)
  PRIMARY KEY (account_id, id)
) WITHOUT ROWID;

INSERT INTO schedule_objects
  SELECT account_id, namespace || '.' || workflow, namespace, workflow, version, '',
         json_object('timezone', zone, 'overlap', CASE overlap WHEN 1 THEN 'allow' ELSE 'skip' END,
                     'catch_up', CASE catch_up WHEN 1 THEN 'one' ELSE 'none' END),
         NULL, paused, '', 0, 0, due_us, running, NULL, collected
    FROM schedules;
DROP TABLE schedules;
ALTER TABLE schedule_objects RENAME TO schedules;
CREATE INDEX schedules_of_workflow ON schedules (account_id, workflow, namespace, id);
