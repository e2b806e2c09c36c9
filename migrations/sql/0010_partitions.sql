-- Monthly partitions of everything that grows by the day. A default partition means that money is never refused for
-- want of a partition; ensure_partitions keeps it empty by working ahead.

CREATE FUNCTION ensure_partitions(day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    parent text;
    first date := date_trunc('month', day)::date;
BEGIN
    FOREACH parent IN ARRAY ARRAY['ledger_postings', 'ledger_lines', 'slips', 'settlement_importers', 'settlement_lines', 'settlement_movements'] LOOP
        IF to_regclass(format('%s_%s', parent, to_char(first, 'YYYYMM'))) IS NULL THEN
            EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                parent || '_' || to_char(first, 'YYYYMM'), parent, first, (first + interval '1 month')::date);
        END IF;
    END LOOP;
END $$;

DO $$
DECLARE
    parent text;
BEGIN
    FOREACH parent IN ARRAY ARRAY['ledger_postings', 'ledger_lines', 'slips', 'settlement_importers', 'settlement_lines', 'settlement_movements'] LOOP
        EXECUTE format('CREATE TABLE %I PARTITION OF %I DEFAULT', parent || '_default', parent);
    END LOOP;
END $$;
