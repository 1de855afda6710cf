-- Executions and their journal.
-- Why: the state of every execution is the fold of its events; a snapshot shortens the fold. `executions` is the small row that lists
-- and filters read; input and output are in the first and last event. Ids are UUIDv7: ordered by id is ordered by time.
--
-- Partitions, so that what is hot stays small and what is old can go without work:
--   executions_live      what has not ended: as small as the load, however much has run.
--   executions_YYYYMMDD  what ended in the week that begins then: the commit of the last step deletes the live row and inserts this one
--                        (an UPDATE would move it too, but one row at a time). Statements about live ones say `finished_us IS NULL`
--                        and touch the first partition only.
--   journal_YYYYMMDD     events of the executions that began in that week, for they are never moved.
--   *_rest               what belongs to no week that exists; empty when make_partitions() is called in time.
-- To forget the executions that ended in a week: DROP its partition. The journal of a week can be dropped when no live execution began
-- in it or before; else its rows are deleted in bounded batches (docs/operations/postgres.md has both).
-- (account_id, id) is unique in each partition of `executions`; over all of them it is by the journal's key, for each execution has
-- exactly one row of events that begins with number 1.
--
-- Accounts: row-level security lets a role see the rows of the account in the setting `elevaite.account`, none when it is not set. The
-- owner of the tables is exempt: the engine commits steps of many accounts together, and each of its statements names the account.
-- Grant to other roles on these tables, not on their partitions, which have no policies of their own.
-- Compatible from: first version. Duration: instant (empty tables).

CREATE TABLE executions (
  account_id   TEXT COLLATE "C" NOT NULL,
  id           BYTEA   NOT NULL,
  shard        INTEGER NOT NULL,            -- of 64, by hash of the id; a partition of the engine owns several
  namespace    TEXT COLLATE "C" NOT NULL,
  workflow     TEXT COLLATE "C" NOT NULL,
  version      TEXT    NOT NULL,
  trigger      INTEGER NOT NULL,
  correlation  TEXT    NOT NULL,
  phase        INTEGER NOT NULL,
  created_us   BIGINT  NOT NULL,
  started_us   BIGINT  NOT NULL,
  finished_us  BIGINT,
  error        TEXT,                        -- {type, status, title}
  parent_id    BYTEA,                       -- the execution that started it as a part of itself
  depth        INTEGER NOT NULL DEFAULT 0,
  parent_frame BIGINT,                      -- the task of the parent that awaits it; null: nobody does
  migrations   TEXT                         -- [[number of the event that moved it, version before], ...]
) PARTITION BY LIST ((finished_us IS NULL));

CREATE TABLE executions_live PARTITION OF executions FOR VALUES IN (true)
  WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
CREATE UNIQUE INDEX ON executions_live (account_id, id);
CREATE INDEX ON executions_live (shard, account_id, id);

CREATE TABLE executions_finished PARTITION OF executions FOR VALUES IN (false) PARTITION BY RANGE (finished_us);
CREATE TABLE executions_rest PARTITION OF executions_finished DEFAULT;
CREATE UNIQUE INDEX ON executions_rest (account_id, id);

-- Not (account_id, workflow, id): while a table is new and without statistics, PostgreSQL would take that for (account_id, id), too, and
-- read all rows of the account for each one that ends.
CREATE INDEX executions_by_workflow ON executions (workflow, account_id, id);
CREATE INDEX executions_not_completed ON executions (account_id, phase, id) WHERE phase <> 6;

-- One row a step of the engine: the events from first_seq on (see engine/machine/event.h for the bytes).
CREATE TABLE journal (
  account_id   TEXT COLLATE "C" NOT NULL,
  execution_id BYTEA  NOT NULL,
  first_seq    BIGINT NOT NULL,
  events       BYTEA  NOT NULL,
  PRIMARY KEY (account_id, execution_id, first_seq)
) PARTITION BY RANGE (execution_id);
CREATE TABLE journal_rest PARTITION OF journal DEFAULT;

-- The latest snapshot of an unfinished execution (see engine/machine/state.h).
CREATE TABLE snapshots (
  account_id   TEXT COLLATE "C" NOT NULL,
  execution_id BYTEA  NOT NULL,
  seq          BIGINT NOT NULL,             -- the last event it contains
  state        BYTEA  NOT NULL,
  PRIMARY KEY (account_id, execution_id)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

-- Makes the partitions of the weeks up to so many from now that are missing, and says how many. A partition is made apart and then
-- attached, which holds up nobody; only `*_rest` is locked for a moment. Those that cannot be made (someone keeps that lock, or rows
-- of the week are in `*_rest`) are left for the next time.
CREATE FUNCTION make_partitions(weeks_ahead INTEGER) RETURNS INTEGER LANGUAGE plpgsql AS $make$
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
    EXCEPTION WHEN lock_not_available OR check_violation THEN
      NULL;
    END;
  END LOOP;
  RETURN made;
END
$make$;
SELECT make_partitions(8);

ALTER TABLE executions ENABLE ROW LEVEL SECURITY;
ALTER TABLE journal ENABLE ROW LEVEL SECURITY;
ALTER TABLE snapshots ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON executions USING (account_id = current_setting('elevaite.account', true));
CREATE POLICY own_account ON journal USING (account_id = current_setting('elevaite.account', true));
CREATE POLICY own_account ON snapshots USING (account_id = current_setting('elevaite.account', true));
