-- A believable world in which every group is bound and eligible. :groups and :users are put in by the program, :date is
-- the date to be settled. Ids are version 7 UUIDs in the order of creation, as the product makes them.

SET work_mem = '256MB';
SET synchronous_commit = off;
SET session_replication_role = replica; -- true by construction: no need to check each foreign key
SELECT setseed(0.20261121);

INSERT INTO profit_templates (id, code, version, rule, starts_on, ends_on, created_at)
SELECT gen_random_uuid(), code, version,
       (SELECT jsonb_object_agg(name, jsonb_build_object('day', day, 'profit', (fen * factor / 100)::numeric(12, 4)::text,
                                                         'rate', rate::text, 'activity_profit', activity::text))
        FROM (VALUES ('one', 2), ('two', 5), ('three', 10), ('four', 30), ('five', 100)) AS star (name, fen)),
       date ':date' - 200, date ':date' + 200, timestamptz ':date 12:00+08' - interval '200 days'
FROM (VALUES ('SPRING', 1, 30, 1.5, 0.8537, 0.3333), ('SPRING', 2, 30, 1.25, 1, 0), ('CAMPUS', 1, 25, 2, 1.2, 0.05))
     AS t (code, version, day, factor, rate, activity);

-- the first 48 bits are milliseconds
CREATE FUNCTION pg_temp.id_at(at timestamptz, no bigint) RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(no & 4095), 3, '0')
            || '8' || substr(md5(random()::text), 1, 15))::uuid $$;

CREATE TEMP TABLE people AS
SELECT no, at, pg_temp.id_at(at, no) AS id
FROM generate_series(1, :users) AS no,
     LATERAL (SELECT timestamptz ':date 12:00+08' - interval '300 days' + no * (interval '290 days' / :users) AS at) AS t;
CREATE UNIQUE INDEX ON people (no);
ANALYZE people;

INSERT INTO users (id, code, union_id, open_id, nickname, head_url, phone, has_imported, created_at, updated_at)
SELECT id, 'wxid_' || md5(no::text), 'union_' || md5('u' || no), 'open_' || md5('o' || no), '用户' || no,
       'https://img.example/' || md5('h' || no), '1' || lpad((3000000000 + no * 7)::text, 10, '0'), true, at, at
FROM people ORDER BY no;

-- A fifth has carried fractions; everybody who earned before has a balance.
INSERT INTO accounts (user_id, carried_groups, carried_disciple_groups)
SELECT id, CASE WHEN no % 5 = 0 THEN round((random() * 0.0099)::numeric, 6) ELSE 0 END,
       CASE WHEN no % 5 = 0 THEN round((random() * 0.0099)::numeric, 6) ELSE 0 END
FROM people ORDER BY no;

-- Four of five have a master, all of whom are among the first fifth; nobody invited somebody older.
INSERT INTO referrals (user_id, master_id, created_at)
SELECT p.id, m.id, p.at FROM (
    SELECT no, id, at, CASE WHEN no > 1 AND random() < 0.8
                            THEN 1 + floor(random() * least(no - 1, greatest(:users / 5, 1)))::int END AS master
    FROM people) AS p LEFT JOIN people AS m ON m.no = p.master
ORDER BY p.no;

-- Three groups a user on average: some have many, some none.
INSERT INTO groups (id, code, name, user_id, owner_user_code, member_count, star, star_state, old_group, repeat_rate,
                    template_id, bound_at, updated_at)
SELECT pg_temp.id_at(g.at, g.no), 'chat_' || md5('g' || g.no), '群' || g.no, p.id,
       CASE WHEN g.luck % 10 < 6 THEN 'wxid_' || md5(p.no::text) ELSE 'wxid_' || md5('other' || g.no) END,
       50 + g.luck % 400,
       CASE WHEN g.old THEN NULL WHEN g.luck % 100 < 55 THEN 1 WHEN g.luck % 100 < 80 THEN 2 WHEN g.luck % 100 < 92 THEN 3
            WHEN g.luck % 100 < 98 THEN 4 ELSE 5 END,
       CASE WHEN NOT g.old THEN 1 END, g.old, CASE WHEN g.old THEN round(random()::numeric, 2) END,
       t.ids[1 + (g.luck / 100) % array_length(t.ids, 1)], g.at, g.at
FROM (SELECT no, no % 4 = 0 AS old, floor(random() * 1000000)::int AS luck, 1 + floor(random() * :users)::int AS person,
             timestamptz ':date 12:00+08' - interval '40 days' + no * (interval '39 days' / :groups) AS at
      FROM generate_series(1, :groups) AS no OFFSET 0) AS g
JOIN people AS p ON p.no = g.person,
     (SELECT array_agg(id ORDER BY code, version) AS ids FROM profit_templates) AS t
ORDER BY g.no;

-- Whoever has had all the days of the template was settled out before.
INSERT INTO group_settle_counts (group_id, settle_count)
SELECT g.id, floor(random() * CASE WHEN g.old_group THEN 30 ELSE (t.rule -> 'one' ->> 'day')::int END)::smallint
FROM groups AS g JOIN profit_templates AS t ON t.id = g.template_id ORDER BY g.id;

SELECT ensure_partitions(':date');
