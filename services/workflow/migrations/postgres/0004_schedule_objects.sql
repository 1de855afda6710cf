-- Schedules become objects: a workflow may have many, of several times, with an input, policies and a note. That of a document is one of them.
-- Why: when a workflow starts is a matter of its deployment, and differs from place to place.
-- Compatible from: this version. Duration: a moment for each thousand workflows.

ALTER TABLE schedules
  ADD COLUMN id         TEXT COLLATE "C",    -- of a document: namespace.workflow; of others: a name without a dot
  ADD COLUMN kind       TEXT NOT NULL DEFAULT '',    -- what starts it: times, after, events; none; empty: not known yet
  ADD COLUMN definition TEXT,                -- JSON (schedule/schedule_spec.h)
  ADD COLUMN input      TEXT,                -- JSON; null: {}
  ADD COLUMN note       TEXT NOT NULL DEFAULT '',    -- why it is paused
  ADD COLUMN created_us BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN updated_us BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN progress   TEXT;                -- JSON (schedule/progress.h)
COMMENT ON COLUMN schedules.version IS 'of a document: that the rest is about, empty: none yet; of others: to start, empty: the latest';
COMMENT ON COLUMN schedules.running IS 'the ids of executions whose end has not been seen, 16 bytes each';

UPDATE schedules SET id = namespace || '.' || workflow,
  definition = json_build_object('timezone', zone, 'overlap', CASE overlap WHEN 1 THEN 'allow' ELSE 'skip' END,
                                 'catch_up', CASE catch_up WHEN 1 THEN 'one' ELSE 'none' END)::text;

ALTER TABLE schedules
  DROP CONSTRAINT schedules_pkey,
  DROP COLUMN zone, DROP COLUMN overlap, DROP COLUMN catch_up,
  ALTER COLUMN id SET NOT NULL, ALTER COLUMN definition SET NOT NULL,
  ALTER COLUMN kind DROP DEFAULT, ALTER COLUMN note DROP DEFAULT, ALTER COLUMN created_us DROP DEFAULT, ALTER COLUMN updated_us DROP DEFAULT,
  ADD PRIMARY KEY (account_id, id);
CREATE INDEX schedules_of_workflow ON schedules (account_id, workflow, namespace, id);
