-- Which run or reversal moved a wallet's remainder last is for the database to say: clocks stand still, and step back.
-- Numbers are drawn while the lock on many wallets is held, so they are in the order in which the remainders moved.
-- Locks settlement_runs and run_reversal_movements while it numbers what is there: one row a run, seconds at most.
CREATE SEQUENCE movement_order;

ALTER TABLE settlement_runs ADD COLUMN moved bigint;
ALTER TABLE run_reversal_movements ADD COLUMN moved bigint;

WITH acts AS (
    SELECT id AS run_id, NULL::uuid AS user_id, NULL::smallint AS amount_type, settled_at AS at, 0 AS reversal, batch_no FROM settlement_runs
    UNION ALL SELECT run_id, user_id, amount_type, reversed_at, 1, 0 FROM run_reversal_movements),
numbered AS MATERIALIZED (
    SELECT run_id, user_id, amount_type, nextval('movement_order') AS moved
    FROM (SELECT * FROM acts ORDER BY at, reversal, batch_no, run_id) AS ordered),
runs AS (
    UPDATE settlement_runs AS r SET moved = n.moved FROM numbered AS n WHERE n.user_id IS NULL AND n.run_id = r.id)
UPDATE run_reversal_movements AS r SET moved = n.moved FROM numbered AS n
WHERE n.run_id = r.run_id AND n.user_id = r.user_id AND n.amount_type = r.amount_type;

ALTER TABLE settlement_runs ALTER COLUMN moved SET DEFAULT nextval('movement_order'), ALTER COLUMN moved SET NOT NULL;
ALTER TABLE run_reversal_movements ALTER COLUMN moved SET DEFAULT nextval('movement_order'), ALTER COLUMN moved SET NOT NULL;
ALTER SEQUENCE movement_order OWNED BY settlement_runs.moved;
