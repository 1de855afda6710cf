-- Rows that came before the table of their week was made, or long after: they are in `*_rest`, from where they are moved by
-- `elevaite doctor --fix` and after an import.
-- Compatible from: first version. Duration: instant.

-- The first moment of the week (a Monday in UTC) of a time, in microseconds.
CREATE FUNCTION week_of(time_us BIGINT) RETURNS BIGINT LANGUAGE sql IMMUTABLE AS $week$
  SELECT time_us - mod(time_us - 345600000000, 604800000000)
$week$;

-- The time in an id of version 7, in microseconds.
CREATE FUNCTION time_of(id BYTEA) RETURNS BIGINT LANGUAGE sql IMMUTABLE AS $time$
  SELECT ('x' || encode(substring(id FROM 1 FOR 6), 'hex'))::BIT(48)::BIGINT * 1000
$time$;

-- Tables of weeks that should be there: those of the last ten years and the coming one of which there are rows elsewhere.
CREATE FUNCTION misplaced_rows() RETURNS TABLE (name TEXT, rows_misplaced BIGINT) LANGUAGE sql AS $rows$
  WITH rest AS (
    SELECT 'executions' AS of, week_of(finished_us) AS week FROM executions_rest
    UNION ALL SELECT 'journal', week_of(time_of(execution_id)) FROM journal_rest
    UNION ALL SELECT 'labels', week_of(created_us) FROM labels_rest)
  SELECT of || '_' || to_char(to_timestamp(week / 1000000) AT TIME ZONE 'UTC', 'YYYYMMDD'), count(*) FROM rest
   WHERE week BETWEEN (extract(epoch FROM now() - INTERVAL '10 years') * 1000000)::BIGINT
                  AND (extract(epoch FROM now() + INTERVAL '1 year') * 1000000)::BIGINT
   GROUP BY of, week
$rows$;

-- Makes the table of one week, such as 'journal_20261123', with the rows that are in `*_rest`.
CREATE FUNCTION move_to_week(name TEXT) RETURNS BIGINT LANGUAGE plpgsql AS $move$
DECLARE
  of TEXT := split_part(name, '_', 1);
  parent TEXT := CASE of WHEN 'executions' THEN 'executions_finished' ELSE of END;
  begins BIGINT := extract(epoch FROM to_timestamp(right(name, 8) || ' +0', 'YYYYMMDD TZH'))::BIGINT * 1000000;
  ends BIGINT := begins + 604800000000;
  key TEXT := CASE of WHEN 'executions' THEN 'finished_us' WHEN 'journal' THEN 'execution_id' ELSE 'created_us' END;
  low TEXT := CASE of WHEN 'journal' THEN quote_literal(decode(lpad(to_hex(begins / 1000), 12, '0'), 'hex')) ELSE begins::TEXT END;
  high TEXT := CASE of WHEN 'journal' THEN quote_literal(decode(lpad(to_hex(ends / 1000), 12, '0'), 'hex')) ELSE ends::TEXT END;
  moved BIGINT;
BEGIN
  IF name !~ '^(executions|journal|labels)_\d{8}$' OR begins <> week_of(begins) THEN
    RAISE EXCEPTION '% is no table of a week', name;
  END IF;
  EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS)', name, of);
  IF of = 'executions' THEN
    EXECUTE format('CREATE UNIQUE INDEX ON %I (account_id, id)', name);
  END IF;
  EXECUTE format('WITH moved AS (DELETE FROM %I WHERE %I >= %s AND %I < %s RETURNING *) INSERT INTO %I SELECT * FROM moved',
                 of || '_rest', key, low, key, high, name);
  GET DIAGNOSTICS moved = ROW_COUNT;
  EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', parent, name, low, high);
  RETURN moved;
END
$move$;
