-- What lists are filtered by, and their order.
-- Why: the newest come first by the time at which they were created; an id may bear an earlier one (of its parent, of a due time). Each
-- index ends with that order, so that a page is read from it without sorting. `labels` are the tags and attributes of an execution: its
-- row has them all, the table of that name finds executions by one.
-- `created_us > 0` holds for every row: only statements that say it, those of lists, may use the index.
-- Compatible from: first version. Duration: reads every execution, some 2 s a million.

ALTER TABLE executions ADD COLUMN labels TEXT;       -- {"tags": {name: value}, "attributes": {name: value}}; null: none
ALTER TABLE executions ADD COLUMN error_type TEXT;   -- of `error`
UPDATE executions SET error_type = json_extract(error, '$.type') WHERE error IS NOT NULL;

DROP INDEX executions_by_workflow;
DROP INDEX executions_not_completed;
CREATE INDEX executions_by_time ON executions (account_id, created_us, id) WHERE created_us > 0;
CREATE INDEX executions_by_workflow ON executions (account_id, workflow, created_us, id) WHERE created_us > 0;
CREATE INDEX executions_not_completed ON executions (account_id, phase, created_us, id) WHERE phase <> 6;
CREATE INDEX executions_by_error ON executions (account_id, error_type, created_us, id) WHERE error_type IS NOT NULL;
CREATE INDEX executions_by_parent ON executions (account_id, parent_id, created_us, id) WHERE parent_id IS NOT NULL;

CREATE TABLE labels (
  account_id   TEXT    NOT NULL,
  label        TEXT    NOT NULL,            -- "tag:env=prod", "attribute:order=17"
  created_us   INTEGER NOT NULL,            -- of the execution
  execution_id BLOB    NOT NULL,
  PRIMARY KEY (account_id, label, created_us, execution_id)
) WITHOUT ROWID;
