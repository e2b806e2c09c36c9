-- What the console's dashboard, search and inbox read, without a scan at a million groups.
-- Adds a table and indexes. While an index is built, its table cannot be written to: about a second a million rows. Reads
-- the slips of all months that are not in the archive once, about a second a million.

SET LOCAL statement_timeout = 0;

-- Runs of before tell what went to those above the importers, like those to come.
UPDATE settlement_runs AS r SET disciples_total = coalesce(paid.amount, 0)
FROM settlement_runs AS run
LEFT JOIN (SELECT run_id, sum(amount) AS amount FROM slips WHERE amount_type IN (3, 4) AND run_id IS NOT NULL GROUP BY run_id) AS paid
       ON paid.run_id = run.id
WHERE run.id = r.id;

-- Slips of no run, but for withdrawals: fees, corrections, red packets.
CREATE INDEX slips_of_no_run ON slips (settle_date, amount_type) INCLUDE (direction, amount)
    WHERE run_id IS NULL AND amount_type <> 9;

-- What a day came to that has ended: the dashboard counts it no more.
CREATE TABLE day_figures (
    day     date PRIMARY KEY,
    figures jsonb NOT NULL
);

CREATE INDEX groups_standing ON groups (status, star, old_group) WHERE cancelled_at IS NULL;
CREATE INDEX groups_lost ON groups (cancelled_at, cancel_reason) WHERE cancelled_at IS NOT NULL;
-- For what a name begins with: the order of the signs' numbers.
CREATE INDEX groups_name ON groups (name COLLATE "C");

CREATE INDEX withdrawals_requested ON withdrawals (requested_on) INCLUDE (amount);
CREATE INDEX withdrawals_alerted ON withdrawals (created_at) WHERE alert IS NOT NULL;
