-- The run as one would write it by hand, knowing this world: no general cases, no round trip for the rule, straight into
-- the month's partitions. It fills every table that the product's run fills, in one durable transaction. :date and
-- :month are put in by the program.

BEGIN;
SET LOCAL work_mem = '512MB';
SET LOCAL temp_buffers = '256MB';
SET LOCAL jit = off;
SET LOCAL max_parallel_workers_per_gather = 2;

CREATE FUNCTION pg_temp.half_even(exact numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
    SELECT round(exact, 6) - CASE WHEN mod(exact * 1000000, 2) = 0.5 THEN 0.000001 ELSE 0 END $$;

INSERT INTO settlement_runs (id, kind, settle_date, batch_no, rates_version, group_count, slip_count, total, timings, settled_at)
SELECT '01900000-0000-7000-8000-000000000001', 'groups', ':date', 0, max(version), 0, 0, 0, '{}', timestamptz ':date 18:00+00'
FROM settlement_rates;

-- Every star of every template and every repeat rate, numbered by what it is.
CREATE TEMP TABLE cases ON COMMIT DROP AS
SELECT input_no, template_id, star, owned, repeat_rate, day, basis, pg_temp.half_even(u) AS user_share,
       pg_temp.half_even(m) AS master_share, pg_temp.half_even(g) AS grand_master_share
FROM (SELECT (t.no * 10 + star.no)::int AS input_no, t.id AS template_id, star.no::smallint AS star, NULL::boolean AS owned,
             NULL::numeric AS repeat_rate, (t.rule -> star.name ->> 'day')::int AS day,
             jsonb_build_object('kind', 'new', 'template', t.code, 'version', t.version, 'star', star.no, 'level', t.rule -> star.name,
                                'father', rates.father, 'grand_father', rates.grand_father) AS basis,
             (profit + activity) * rate AS u, profit * rate * rates.father AS m, profit * rate * rates.grand_father AS g
      FROM (SELECT row_number() OVER (ORDER BY id) AS no, * FROM profit_templates) AS t,
           (VALUES (1, 'one'), (2, 'two'), (3, 'three'), (4, 'four'), (5, 'five')) AS star (no, name),
           (SELECT * FROM settlement_rates ORDER BY version DESC LIMIT 1) AS rates,
           LATERAL (SELECT (t.rule -> star.name ->> 'profit')::numeric AS profit,
                           coalesce((t.rule -> star.name ->> 'activity_profit')::numeric, 0) AS activity,
                           coalesce(nullif((t.rule -> star.name ->> 'rate')::numeric, 0), 1) AS rate) AS level
      UNION ALL
      SELECT (1000000 + r.repeat_rate * 2000000)::int + owned.no, NULL, NULL, owned.no = 1, r.repeat_rate, NULL,
             jsonb_build_object('kind', 'old', 'owned', owned.no = 1, 'repeat_rate', r.repeat_rate),
             CASE owned.no WHEN 1 THEN 0.45 ELSE 0.10 END * (1 - r.repeat_rate), 0.10 * (1 - r.repeat_rate), 0.03 * (1 - r.repeat_rate)
      FROM (SELECT DISTINCT repeat_rate FROM groups WHERE old_group AND repeat_rate IS NOT NULL) AS r, (VALUES (0), (1)) AS owned (no)) AS e;
ANALYZE cases;

CREATE TEMP TABLE work ON COMMIT DROP AS
SELECT g.id AS group_id, g.user_id, g.count_place, i.input_no, i.user_share, i.master_share, i.grand_master_share,
       coalesce(g.settle_count + 1 >= i.day, false) AS settled_out
FROM (SELECT g.id, g.user_id, c.settle_count, c.ctid AS count_place,
             CASE WHEN g.old_group THEN (1000000 + g.repeat_rate * 2000000)::int + coalesce(g.owner_user_code = u.code, false)::int
                  ELSE (t.no * 10 + g.star)::int END AS input_no
      FROM groups AS g JOIN group_settle_counts AS c ON c.group_id = g.id JOIN users AS u ON u.id = g.user_id
      JOIN (SELECT id, row_number() OVER (ORDER BY id) AS no FROM profit_templates) AS t ON t.id = g.template_id
      WHERE g.status = 1 AND g.running_status = 1 AND c.settle_count < 30 AND g.bound_at < timestamptz ':date 00:00+08' + interval '1 day'
        AND CASE WHEN g.old_group THEN g.repeat_rate IS NOT NULL AND g.member_count >= 50 ELSE g.star IS NOT NULL END) AS g
JOIN cases AS i USING (input_no)
ORDER BY g.user_id, g.id;
ANALYZE work (user_id, group_id, input_no, settled_out);

INSERT INTO settlement_inputs (run_id, input_no, basis, user_share, master_share, grand_master_share)
SELECT '01900000-0000-7000-8000-000000000001', input_no, basis, user_share, master_share, grand_master_share
FROM cases WHERE input_no IN (SELECT input_no FROM work);

INSERT INTO settlement_lines_:month (run_id, settle_date, group_id, user_id, input_no, user_share, master_share, grand_master_share)
SELECT '01900000-0000-7000-8000-000000000001', ':date', group_id, user_id, input_no, user_share, master_share, grand_master_share
FROM work;

UPDATE group_settle_counts SET settle_count = settle_count + 1 WHERE ctid = ANY (ARRAY(SELECT count_place FROM work));

UPDATE groups SET status = 2, updated_at = timestamptz ':date 18:00+00'
WHERE id IN (SELECT group_id FROM work WHERE settled_out);

CREATE TEMP TABLE importers ON COMMIT DROP AS
SELECT s.*, r.master_id, above.master_id AS grand_master_id
FROM (SELECT user_id, sum(user_share) AS user_share, sum(master_share) AS master_share, sum(grand_master_share) AS grand_master_share
      FROM work GROUP BY user_id) AS s
LEFT JOIN referrals AS r ON r.user_id = s.user_id LEFT JOIN referrals AS above ON above.user_id = r.master_id
ORDER BY s.user_id;

INSERT INTO settlement_importers_:month (run_id, settle_date, user_id, master_id, grand_master_id, user_share, master_share, grand_master_share)
SELECT '01900000-0000-7000-8000-000000000001', ':date', user_id, master_id, grand_master_id, user_share, master_share, grand_master_share
FROM importers;

-- One row per movement, in the order of the wallets.
CREATE TEMP TABLE moves ON COMMIT DROP AS
SELECT ('01900001-0000-7000-8' || lpad(to_hex(row_number() OVER ()), 15, '0'))::uuid AS id, m.*
FROM (SELECT s.user_id, s.amount_type, s.sum, s.before, trunc(s.before + s.sum, 2) AS amount
      FROM (SELECT i.user_id, 1::smallint AS amount_type, i.user_share AS sum, a.carried_groups AS before
            FROM importers AS i JOIN accounts AS a USING (user_id)
            UNION ALL
            SELECT d.user_id, 3, d.sum, a.carried_disciple_groups
            FROM (SELECT user_id, sum(sum) AS sum FROM (
                      SELECT master_id AS user_id, sum(master_share) AS sum FROM importers WHERE master_id IS NOT NULL GROUP BY 1
                      UNION ALL
                      SELECT grand_master_id, sum(grand_master_share) FROM importers WHERE grand_master_id IS NOT NULL GROUP BY 1) AS tier
                  GROUP BY user_id) AS d
            JOIN accounts AS a USING (user_id)) AS s
      ORDER BY s.user_id, s.amount_type) AS m;
ANALYZE moves (user_id);

INSERT INTO settlement_movements_:month (run_id, settle_date, user_id, amount_type, before, sum, amount, after)
SELECT '01900000-0000-7000-8000-000000000001', ':date', user_id, amount_type, before, sum, amount, before + sum - amount FROM moves;

INSERT INTO ledger_postings_:month (id, booked_on, key, kind, user_id, run_id, created_at)
SELECT id, ':date', 'slip:' || user_id || ':' || amount_type || ':' || ':date', 'slip', user_id, '01900000-0000-7000-8000-000000000001',
       timestamptz ':date 18:00+00'
FROM moves WHERE amount > 0;

INSERT INTO ledger_lines_:month (posting_id, booked_on, account, user_id, amount)
SELECT m.id, ':date', l.account, l.user_id, l.amount
FROM moves AS m, LATERAL (VALUES (1::smallint, m.user_id, m.amount), (11, NULL, -m.amount)) AS l (account, user_id, amount)
WHERE m.amount > 0;

WITH paid AS (
    UPDATE accounts AS a
    SET available = a.available + t.amount, income = a.income + t.amount,
        carried_groups = coalesce(t.groups_after, a.carried_groups),
        carried_disciple_groups = coalesce(t.disciples_after, a.carried_disciple_groups)
    FROM (SELECT user_id, sum(amount) AS amount, max(before + sum - amount) FILTER (WHERE amount_type = 1) AS groups_after,
                 max(before + sum - amount) FILTER (WHERE amount_type = 3) AS disciples_after,
                 coalesce(max(amount) FILTER (WHERE amount_type = 3), 0) AS disciples
          FROM moves GROUP BY user_id) AS t
    WHERE t.user_id = a.user_id
    RETURNING a.user_id, a.available, t.disciples)
INSERT INTO slips_:month (id, user_id, amount_type, direction, amount, balance, settle_date, posting_id, run_id, created_at)
SELECT m.id, m.user_id, m.amount_type, 1, m.amount,
       p.available - CASE m.amount_type WHEN 1 THEN p.disciples ELSE 0 END,
       ':date', m.id, '01900000-0000-7000-8000-000000000001', timestamptz ':date 18:00+00'
FROM paid AS p JOIN moves AS m USING (user_id) WHERE m.amount > 0;

UPDATE house_accounts SET balance = balance - (SELECT sum(amount) FROM moves) WHERE account = 11;

INSERT INTO outbox (id, destination, topic, lane, payload, next_attempt_at, created_at)
SELECT gen_random_uuid(), 'event', 'settlement_posted', 'event:settlement:' || ':date',
       jsonb_build_object('command', 'settlement_posted', 'body', jsonb_build_object('kind', 'groups', 'settle_date', ':date', 'batch_no', 0,
           'slips', count(*) FILTER (WHERE amount > 0), 'total', sum(amount)::text)),
       timestamptz ':date 18:00+00', timestamptz ':date 18:00+00'
FROM moves;

UPDATE settlement_runs SET group_count = (SELECT count(*) FROM work), slip_count = done.slips, total = done.total
FROM (SELECT count(*) FILTER (WHERE amount > 0) AS slips, sum(amount) AS total FROM moves) AS done
WHERE id = '01900000-0000-7000-8000-000000000001';

COMMIT;
