-- Weeks are made and dropped one at a time, on a connection of their own, and looked through before, in small pieces.
-- Why: one call dropped all weeks in one transaction, on the connection that writes, and looked through them whole; starts waited for it,
-- and what took longer than a query may was never done. What a look has found must still hold when the week goes: a week is sealed first,
-- that is, each row that comes into it later is noted in `weeks_written`, and with such a note it stays (engine/journal/weeks.h).
-- Compatible from: first version; a server of before makes and drops no weeks meanwhile, and says so in its log. Duration: instant.

DROP FUNCTION drop_weeks(BIGINT, INTEGER);
DROP FUNCTION make_partitions(INTEGER);

-- A row for each row that has come into a sealed week, such as 'executions_20261123'.
CREATE TABLE weeks_written (week TEXT COLLATE "C" NOT NULL);

CREATE FUNCTION week_is_written() RETURNS TRIGGER LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $written$
BEGIN
  INSERT INTO weeks_written VALUES (TG_TABLE_NAME);
  RETURN NEW;
END
$written$;

-- The weeks that have ended before a time, executions first: what belongs to those of a week can go when they have.
CREATE FUNCTION ended_weeks(ended_before BIGINT) RETURNS TABLE (week TEXT, of TEXT, begins BIGINT) LANGUAGE sql STABLE AS $weeks$
  SELECT * FROM (
    SELECT c.relname::TEXT AS name, split_part(c.relname, '_', 1) AS kind,
           extract(epoch FROM to_timestamp(right(c.relname, 8) || ' +0', 'YYYYMMDD TZH'))::BIGINT * 1000000 AS since
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent IN ('executions_finished'::regclass, 'journal'::regclass, 'labels'::regclass) AND c.relname ~ '_\d{8}$') w
   WHERE since + 604800000000 <= ended_before
   ORDER BY kind <> 'executions', name
$weeks$;

-- Some of the accounts that have rows in a week, in their order.
CREATE FUNCTION week_accounts(week TEXT, after_account TEXT, many INTEGER) RETURNS SETOF TEXT LANGUAGE plpgsql STABLE AS $accounts$
BEGIN
  RETURN QUERY EXECUTE format(
    'WITH RECURSIVE accounts AS (SELECT min(account_id) AS id FROM %I WHERE account_id > $1 UNION ALL'
    ' SELECT (SELECT min(account_id) FROM %I WHERE account_id > a.id) FROM accounts a WHERE a.id IS NOT NULL)'
    ' SELECT id FROM accounts WHERE id IS NOT NULL LIMIT $2', week, week) USING after_account, many;
END
$accounts$;

-- Whether one of these accounts has an execution that began in the week of a partition of `journal` or `labels`.
CREATE FUNCTION week_has_owner(of TEXT, begins BIGINT, after_account TEXT, last_account TEXT, week TEXT) RETURNS BOOLEAN
LANGUAGE plpgsql STABLE AS $owner$
DECLARE
  belongs TEXT := CASE of WHEN 'journal'
    THEN format('e.id >= %L AND e.id < %L', decode(lpad(to_hex(begins / 1000), 12, '0'), 'hex'),
                decode(lpad(to_hex(begins / 1000 + 604800000), 12, '0'), 'hex'))
    ELSE format('e.created_us >= %s AND e.created_us < %s AND e.created_us > 0', begins, begins + 604800000000) END;
  has BOOLEAN;
BEGIN
  EXECUTE format(
    'WITH RECURSIVE accounts AS (SELECT min(account_id) AS id FROM %I WHERE account_id > $1 UNION ALL'
    ' SELECT (SELECT min(account_id) FROM %I WHERE account_id > a.id) FROM accounts a WHERE a.id < $2)'
    ' SELECT EXISTS (SELECT 1 FROM accounts a, LATERAL'
    ' (SELECT 1 FROM executions e WHERE e.account_id = a.id AND %s LIMIT 1) one WHERE a.id IS NOT NULL)', week, week, belongs)
    INTO has USING after_account, last_account;
  RETURN has;
END
$owner$;

-- The next rows of a week of executions: how many, the last, and the parent of one of them that has not ended, if there is one.
CREATE FUNCTION week_page(week TEXT, after_account TEXT, after_id BYTEA, many INTEGER)
RETURNS TABLE (found BIGINT, last_account TEXT, last_id BYTEA, live_account TEXT, live_id BYTEA) LANGUAGE plpgsql STABLE AS $page$
BEGIN
  RETURN QUERY EXECUTE format(
    'WITH page AS MATERIALIZED (SELECT account_id, id, parent_id FROM %I WHERE (account_id, id) > ($1, $2)'
    '  ORDER BY account_id, id LIMIT $3)'
    ' SELECT (SELECT count(*) FROM page), l.account_id, l.id, p.account_id, p.parent_id'
    '   FROM (SELECT account_id, id FROM page ORDER BY account_id DESC, id DESC LIMIT 1) l LEFT JOIN LATERAL'
    '   (SELECT c.account_id, c.parent_id FROM page c JOIN executions_live e ON e.account_id = c.account_id AND e.id = c.parent_id'
    '     LIMIT 1) p ON true', week) USING after_account, after_id, many;
END
$page$;

-- From now on what comes into the week is noted. False: somebody keeps it locked.
CREATE FUNCTION seal_week(name TEXT) RETURNS BOOLEAN LANGUAGE plpgsql AS $seal$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_trigger WHERE tgrelid = name::regclass AND tgname = 'week_is_written') THEN
    EXECUTE format('CREATE TRIGGER week_is_written BEFORE INSERT ON %I FOR EACH ROW EXECUTE FUNCTION week_is_written()', name);
  END IF;
  DELETE FROM weeks_written WHERE week = name;
  RETURN true;
EXCEPTION WHEN lock_not_available THEN
  RETURN false;
END
$seal$;

-- 'dropped', or why not: 'locked', 'written' (since it was sealed). The parent is locked last and let go at once, for what ends is written
-- through it.
CREATE FUNCTION drop_week(name TEXT) RETURNS TEXT LANGUAGE plpgsql AS $drop$
DECLARE
  of TEXT := split_part(name, '_', 1);
BEGIN
  IF name !~ '^(executions|journal|labels)_\d{8}$' THEN
    RAISE EXCEPTION '% is no table of a week', name;
  END IF;
  EXECUTE format('LOCK TABLE ONLY %I IN ACCESS EXCLUSIVE MODE', name);
  IF EXISTS (SELECT 1 FROM weeks_written WHERE week = name)
     OR NOT EXISTS (SELECT 1 FROM pg_trigger WHERE tgrelid = name::regclass AND tgname = 'week_is_written') THEN
    RETURN 'written';
  END IF;
  EXECUTE format('LOCK TABLE ONLY %I IN ACCESS EXCLUSIVE MODE', of || '_rest');
  EXECUTE format('LOCK TABLE ONLY %I IN ACCESS EXCLUSIVE MODE', CASE of WHEN 'executions' THEN 'executions_finished' ELSE of END);
  EXECUTE format('DROP TABLE %I', name);
  RETURN 'dropped';
EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
  RETURN 'locked';
END
$drop$;

-- The tables of this week and of the coming ones that are missing. Not of the last one, which may have been dropped already.
CREATE FUNCTION missing_weeks(ahead INTEGER) RETURNS SETOF TEXT LANGUAGE sql STABLE AS $missing$
  SELECT name FROM (
    SELECT of || '_' || to_char(date_trunc('week', now() AT TIME ZONE 'UTC') + n * INTERVAL '168 hours', 'YYYYMMDD') AS name
      FROM generate_series(0, ahead) n, unnest(ARRAY['executions', 'journal', 'labels']) of) weeks
   WHERE to_regclass(name) IS NULL ORDER BY right(name, 8), name
$missing$;

-- Makes one of them apart and attaches it then, which holds up nobody; only `*_rest` is locked for a moment. False: somebody keeps that
-- lock, or rows of the week are in `*_rest`.
CREATE FUNCTION make_week(name TEXT) RETURNS BOOLEAN LANGUAGE plpgsql AS $make$
DECLARE
  of TEXT := split_part(name, '_', 1);
  begins BIGINT := extract(epoch FROM to_timestamp(right(name, 8) || ' +0', 'YYYYMMDD TZH'))::BIGINT * 1000000;
  ends BIGINT := begins + 604800000000;
BEGIN
  IF name !~ '^(executions|journal|labels)_\d{8}$' OR begins <> week_of(begins) THEN
    RAISE EXCEPTION '% is no table of a week', name;
  END IF;
  EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS)', name, of);
  IF of = 'executions' THEN
    EXECUTE format('CREATE UNIQUE INDEX ON %I (account_id, id)', name);
  END IF;
  EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)',
                 CASE of WHEN 'executions' THEN 'executions_finished' ELSE of END, name,
                 CASE of WHEN 'journal' THEN quote_literal(decode(lpad(to_hex(begins / 1000), 12, '0'), 'hex')) ELSE begins::TEXT END,
                 CASE of WHEN 'journal' THEN quote_literal(decode(lpad(to_hex(ends / 1000), 12, '0'), 'hex')) ELSE ends::TEXT END);
  RETURN true;
EXCEPTION WHEN lock_not_available OR deadlock_detected OR check_violation OR duplicate_table THEN
  RETURN false;
END
$make$;
