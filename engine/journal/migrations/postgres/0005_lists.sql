-- What lists are filtered by, and their order.
-- Why: the newest come first by the time at which they were created; an id may bear an earlier one (of its parent, of a due time). Each
-- index ends with that order, so that a page is read from it without sorting. `labels` are the tags and attributes of an execution: its
-- row has them all, the table of that name finds executions by one; it lies by the week in which the execution was created.
-- `created_us > 0` holds for every row: only statements that say it, those of lists, may use the index. Without it, PostgreSQL would take
-- an index that begins with the account for (account_id, id), too, while a table is new and without statistics.
-- Compatible from: first version. Lock: `executions` is not written meanwhile. Duration: reads every execution, some 5 s a million.

ALTER TABLE executions ADD COLUMN labels TEXT;       -- {"tags": {name: value}, "attributes": {name: value}}; null: none
ALTER TABLE executions ADD COLUMN error_type TEXT COLLATE "C";  -- of `error`
UPDATE executions SET error_type = error::json ->> 'type' WHERE error IS NOT NULL;

DROP INDEX executions_by_workflow;
DROP INDEX executions_not_completed;
CREATE INDEX executions_by_time ON executions (account_id, created_us, id) WHERE created_us > 0;
CREATE INDEX executions_by_workflow ON executions (account_id, workflow, created_us, id) WHERE created_us > 0;
CREATE INDEX executions_not_completed ON executions (account_id, phase, created_us, id) WHERE phase <> 6;
CREATE INDEX executions_by_error ON executions (account_id, error_type, created_us, id) WHERE error_type IS NOT NULL;
CREATE INDEX executions_by_parent ON executions (account_id, parent_id, created_us, id) WHERE parent_id IS NOT NULL;

CREATE TABLE labels (
  account_id   TEXT COLLATE "C" NOT NULL,
  label        TEXT COLLATE "C" NOT NULL,   -- "tag:env=prod", "attribute:order=17"
  created_us   BIGINT NOT NULL,             -- of the execution
  execution_id BYTEA  NOT NULL,
  PRIMARY KEY (account_id, label, created_us, execution_id)
) PARTITION BY RANGE (created_us);
CREATE TABLE labels_rest PARTITION OF labels DEFAULT;
ALTER TABLE labels ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON labels USING (account_id = current_setting('elevaite.account', true));

-- As in 0001, and the partitions of `labels`.
CREATE OR REPLACE FUNCTION make_partitions(weeks_ahead INTEGER) RETURNS INTEGER LANGUAGE plpgsql AS $make$
DECLARE
  monday TIMESTAMPTZ := date_trunc('week', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
  made INTEGER := 0;
  week INTEGER;
  begins TIMESTAMPTZ;
  ends TIMESTAMPTZ;
  label TEXT;
BEGIN
  FOR week IN -1 .. weeks_ahead LOOP
    begins := monday + week * INTERVAL '168 hours';
    ends := begins + INTERVAL '168 hours';
    label := to_char(begins AT TIME ZONE 'UTC', 'YYYYMMDD');
    BEGIN
      PERFORM set_config('lock_timeout', '500', true);
      IF to_regclass('executions_' || label) IS NULL THEN
        EXECUTE format('CREATE TABLE %I (LIKE executions INCLUDING DEFAULTS)', 'executions_' || label);
        EXECUTE format('CREATE UNIQUE INDEX ON %I (account_id, id)', 'executions_' || label);
        EXECUTE format('ALTER TABLE executions_finished ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', 'executions_' || label,
                       (extract(epoch FROM begins) * 1000000)::BIGINT, (extract(epoch FROM ends) * 1000000)::BIGINT);
        made := made + 1;
      END IF;
      IF to_regclass('journal_' || label) IS NULL THEN
        EXECUTE format('CREATE TABLE %I (LIKE journal INCLUDING DEFAULTS)', 'journal_' || label);
        EXECUTE format('ALTER TABLE journal ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', 'journal_' || label,
                       decode(lpad(to_hex((extract(epoch FROM begins) * 1000)::BIGINT), 12, '0'), 'hex'),
                       decode(lpad(to_hex((extract(epoch FROM ends) * 1000)::BIGINT), 12, '0'), 'hex'));
        made := made + 1;
      END IF;
      IF to_regclass('labels_' || label) IS NULL THEN
        EXECUTE format('CREATE TABLE %I (LIKE labels INCLUDING DEFAULTS)', 'labels_' || label);
        EXECUTE format('ALTER TABLE labels ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', 'labels_' || label,
                       (extract(epoch FROM begins) * 1000000)::BIGINT, (extract(epoch FROM ends) * 1000000)::BIGINT);
        made := made + 1;
      END IF;
    EXCEPTION WHEN lock_not_available OR check_violation THEN
      NULL;
    END;
  END LOOP;
  RETURN made;
END
$make$;
SELECT make_partitions(8);
