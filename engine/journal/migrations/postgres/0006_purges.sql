-- Executions that are being forgotten, and partitions of which nothing is to be kept.
-- Why: the events of a long execution go in several commits. Its row goes with the first, so that nobody sees half of it; `purges` says
-- what is left to do when the process ends in between. Row-level security as in 0001.
-- Compatible from: first version. Duration: instant (empty table).

CREATE TABLE purges (
  account_id   TEXT COLLATE "C" NOT NULL,
  execution_id BYTEA NOT NULL,
  PRIMARY KEY (account_id, execution_id)
);
ALTER TABLE purges ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON purges USING (account_id = current_setting('elevaite.account', true));

-- Drops the weeks of `executions` that ended before a time (`only_empty` not 0: of which nothing is left), and those of the journal and of
-- the labels to which no execution belongs any more; how many executions went. A week with the child of an execution that still runs stays:
-- its parent may ask for its end once more. Nobody waits for long: what cannot be locked at once is left for the next time.
CREATE FUNCTION drop_weeks(ended_before BIGINT, only_empty INTEGER) RETURNS BIGINT LANGUAGE plpgsql AS $drop$
DECLARE
  part RECORD;
  begins BIGINT;
  has_rows BOOLEAN;
  gone BIGINT := 0;
  rows_gone BIGINT;
  belong TEXT;  -- the condition of the executions that belong to the week
BEGIN
  PERFORM set_config('lock_timeout', '50', true);
  FOR part IN
    SELECT c.relname::TEXT AS name, split_part(c.relname, '_', 1) AS of
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent IN ('executions_finished'::regclass, 'journal'::regclass, 'labels'::regclass) AND c.relname ~ '_\d{8}$'
     ORDER BY CASE WHEN c.relname LIKE 'executions%' THEN 0 ELSE 1 END, c.relname
  LOOP
    begins := extract(epoch FROM to_timestamp(right(part.name, 8) || ' +0', 'YYYYMMDD TZH'))::BIGINT * 1000000;
    CONTINUE WHEN begins + 604800000000 > ended_before;
    BEGIN
      rows_gone := 0;
      IF part.of = 'executions' THEN
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I c JOIN executions_live p ON p.account_id = c.account_id AND p.id = c.parent_id)'
                       ' OR (%s <> 0 AND EXISTS (SELECT 1 FROM %I))', part.name, only_empty, part.name) INTO has_rows;
        CONTINUE WHEN has_rows;
        EXECUTE format('SELECT count(*) FROM %I', part.name) INTO rows_gone;
      ELSE
        belong := CASE part.of WHEN 'journal'
          THEN format('e.id >= %L AND e.id < %L', decode(lpad(to_hex(begins / 1000), 12, '0'), 'hex'),
                      decode(lpad(to_hex(begins / 1000 + 604800000), 12, '0'), 'hex'))
          ELSE format('e.created_us >= %s AND e.created_us < %s AND e.created_us > 0', begins, begins + 604800000000) END;
        EXECUTE format('WITH RECURSIVE accounts AS (SELECT min(account_id) AS id FROM %I UNION ALL SELECT (SELECT min(account_id) FROM %I'
                       ' WHERE account_id > a.id) FROM accounts a WHERE a.id IS NOT NULL)'
                       ' SELECT EXISTS (SELECT 1 FROM accounts a JOIN executions e ON e.account_id = a.id WHERE %s)',
                       part.name, part.name, belong) INTO has_rows;
        CONTINUE WHEN has_rows;
      END IF;
      EXECUTE format('DROP TABLE %I', part.name);
      gone := gone + rows_gone;
    EXCEPTION WHEN lock_not_available THEN
      NULL;
    END;
  END LOOP;
  RETURN gone;
END
$drop$;
