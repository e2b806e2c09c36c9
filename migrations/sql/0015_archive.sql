-- Partitions older than 24 months leave for the schema `archive`. Nothing is deleted: whoever asks reads them there.
-- What left still belongs to the balances, so its sums stay. Creates only; locks nothing.

CREATE SCHEMA archive;

-- What the lines in the archive came to, by account.
CREATE TABLE ledger_carried_forward (
    account smallint NOT NULL,
    user_id uuid,
    amount  numeric(18, 2) NOT NULL,
    UNIQUE NULLS NOT DISTINCT (account, user_id)
);

-- What the income slips in the archive came to.
CREATE TABLE income_carried_forward (
    user_id uuid PRIMARY KEY,
    amount  numeric(18, 2) NOT NULL
);

-- The first days of the months before `first` that are still here. The default partitions have no month.
CREATE FUNCTION months_before(first date) RETURNS SETOF date LANGUAGE sql STABLE AS $$
    SELECT DISTINCT month FROM (
        SELECT to_date(right(part.relname, 6), 'YYYYMM') AS month
        FROM pg_inherits JOIN pg_class AS part ON part.oid = inhrelid
        WHERE inhparent IN ('ledger_postings'::regclass, 'ledger_lines'::regclass, 'slips'::regclass, 'settlement_importers'::regclass,
                            'settlement_lines'::regclass, 'settlement_movements'::regclass)
          AND part.relname ~ '_[0-9]{6}$') AS parts
    WHERE month < first ORDER BY month
$$;

-- Detaches a month from all of them and keeps its sums, at once or not at all. Detaching locks out readers and writers of the
-- table for a moment.
CREATE FUNCTION archive_month(first date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    month text := to_char(first, 'YYYYMM');
    parent text;
BEGIN
    EXECUTE format('LOCK TABLE %I, %I IN SHARE MODE', 'ledger_lines_' || month, 'slips_' || month);
    EXECUTE format('INSERT INTO ledger_carried_forward AS sums (account, user_id, amount)
                    SELECT account, user_id, sum(amount) FROM %I GROUP BY account, user_id
                    ON CONFLICT (account, user_id) DO UPDATE SET amount = sums.amount + excluded.amount', 'ledger_lines_' || month);
    EXECUTE format('INSERT INTO income_carried_forward AS sums (user_id, amount)
                    SELECT user_id, sum(amount) FROM %I
                    WHERE direction = 1 AND (amount_type <= 5 OR amount_type = 10) GROUP BY user_id
                    ON CONFLICT (user_id) DO UPDATE SET amount = sums.amount + excluded.amount', 'slips_' || month);
    FOREACH parent IN ARRAY ARRAY['ledger_postings', 'ledger_lines', 'slips', 'settlement_importers', 'settlement_lines', 'settlement_movements'] LOOP
        EXECUTE format('ALTER TABLE %I DETACH PARTITION %I', parent, parent || '_' || month);
        EXECUTE format('ALTER TABLE %I SET SCHEMA archive', parent || '_' || month);
    END LOOP;
END $$;
