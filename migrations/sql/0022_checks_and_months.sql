-- The books' care: which check is the newest is decided here and not by a process's clock; months made late or again end
-- well. Rewrites ledger_checks, a row a day, and locks it for a moment.

-- Drawn when a check takes its snapshot: the higher number saw the newer books.
CREATE SEQUENCE ledger_check_numbers;
ALTER TABLE ledger_checks ADD COLUMN number bigint;
UPDATE ledger_checks AS kept SET number = placed.place
FROM (SELECT id, row_number() OVER (ORDER BY checked_at, id) AS place FROM ledger_checks) AS placed WHERE placed.id = kept.id;
SELECT setval('ledger_check_numbers', (SELECT coalesce(max(number), 0) + 1 FROM ledger_checks), false);
ALTER TABLE ledger_checks ALTER COLUMN number SET DEFAULT nextval('ledger_check_numbers'), ALTER COLUMN number SET NOT NULL;
ALTER SEQUENCE ledger_check_numbers OWNED BY ledger_checks.number;
DROP INDEX ledger_checks_newest;
CREATE UNIQUE INDEX ledger_checks_newest ON ledger_checks (number DESC);

-- As before, but what came before its month was made moves out of the default partition, instead of standing in the way of
-- the month for ever. Moving locks out readers and writers of the default partition.
CREATE OR REPLACE FUNCTION ensure_partitions(day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    parent text;
    key text;
    part text;
    waiting boolean;
    since date := date_trunc('month', day)::date;
    until date := (date_trunc('month', day) + interval '1 month')::date;
BEGIN
    FOR parent, key IN VALUES ('ledger_postings', 'booked_on'), ('ledger_lines', 'booked_on'), ('slips', 'settle_date'),
        ('settlement_importers', 'settle_date'), ('settlement_lines', 'settle_date'), ('settlement_movements', 'settle_date') LOOP
        part := parent || '_' || to_char(since, 'YYYYMM');
        CONTINUE WHEN to_regclass(part) IS NOT NULL;
        EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE %I >= %L AND %I < %L)', parent || '_default', key, since, key, until) INTO waiting;
        IF waiting THEN
            EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', parent || '_default');
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', part, parent);
            EXECUTE format('WITH moved AS (DELETE FROM %I WHERE %I >= %L AND %I < %L RETURNING *) INSERT INTO %I SELECT * FROM moved',
                parent || '_default', key, since, key, until, part);
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, part, since, until);
        ELSE
            EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', part, parent, since, until);
        END IF;
    END LOOP;
END $$;

-- As before, but a month that was made again after it had left goes beside what left then, as YYYYMM_2, YYYYMM_3 and so on:
-- its tables and their indexes would otherwise ask for names that are taken.
CREATE OR REPLACE FUNCTION archive_month(first date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    parents text[] := ARRAY['ledger_postings', 'ledger_lines', 'slips', 'settlement_importers', 'settlement_lines', 'settlement_movements'];
    month text := to_char(first, 'YYYYMM');
    parent text;
    part text;
    index text;
    times integer := 1;
    suffix text := '';
BEGIN
    WHILE EXISTS (SELECT FROM unnest(parents) AS name WHERE to_regclass(format('archive.%I', name || '_' || month || suffix)) IS NOT NULL) LOOP
        times := times + 1;
        suffix := '_' || times;
    END LOOP;
    EXECUTE format('LOCK TABLE %I, %I IN SHARE MODE', 'ledger_lines_' || month, 'slips_' || month);
    EXECUTE format('INSERT INTO ledger_carried_forward AS sums (account, user_id, amount)
                    SELECT account, user_id, sum(amount) FROM %I GROUP BY account, user_id
                    ON CONFLICT (account, user_id) DO UPDATE SET amount = sums.amount + excluded.amount', 'ledger_lines_' || month);
    EXECUTE format('INSERT INTO income_carried_forward AS sums (user_id, amount)
                    SELECT user_id, sum(amount) FROM %I
                    WHERE direction = 1 AND (amount_type <= 5 OR amount_type = 10) GROUP BY user_id
                    ON CONFLICT (user_id) DO UPDATE SET amount = sums.amount + excluded.amount', 'slips_' || month);
    FOREACH parent IN ARRAY parents LOOP
        part := parent || '_' || month;
        EXECUTE format('ALTER TABLE %I DETACH PARTITION %I', parent, part);
        IF suffix <> '' THEN
            FOR index IN SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE indrelid = part::regclass LOOP
                EXECUTE format('ALTER INDEX %I RENAME TO %I', index, left(index, 63 - length(suffix)) || suffix);
            END LOOP;
            EXECUTE format('ALTER TABLE %I RENAME TO %I', part, part || suffix);
        END IF;
        EXECUTE format('ALTER TABLE %I SET SCHEMA archive', part || suffix);
    END LOOP;
END $$;
