//! The rules of the proof, as queries for what breaks them.

use crate::ledger::model::{Account, AmountType, Direction, Finding};
use kernel::db;
use kernel::error::Result;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// Offending rows named per rule.
const NAMED: i64 = 20;

/// What stands in the rules between braces.
fn numbers() -> [(&'static str, String); 8] {
    [
        ("{available}", Account::Available.to_string()),
        ("{held}", Account::Held.to_string()),
        ("{income}", Direction::Income.to_string()),
        ("{groups}", AmountType::Groups.to_string()),
        ("{ads}", AmountType::Ads.to_string()),
        ("{disciple_groups}", AmountType::DiscipleGroups.to_string()),
        ("{activity}", AmountType::Activity.to_string()),
        ("{other}", AmountType::Other.to_string()),
    ]
}

/// (rule, query for offending rows as subject and detail)
const RULES: &[(&str, &str)] = &[
    (
        "every posting sums to zero",
        "SELECT posting_id::text AS subject, 'sum ' || sum(amount) || ', lines ' || count(*) AS detail FROM ledger_lines
         GROUP BY booked_on, posting_id HAVING sum(amount) <> 0 OR count(*) < 2",
    ),
    (
        "every posting has lines and every line its posting",
        "SELECT coalesce(p.id, l.posting_id)::text AS subject,
                CASE WHEN p.id IS NULL THEN 'line without posting' ELSE 'posting without lines' END AS detail
         FROM ledger_postings AS p FULL JOIN (SELECT DISTINCT booked_on, posting_id FROM ledger_lines) AS l
              ON l.booked_on = p.booked_on AND l.posting_id = p.id
         WHERE p.id IS NULL OR l.posting_id IS NULL",
    ),
    (
        "every wallet is the sum of its lines",
        "SELECT coalesce(a.user_id, l.user_id)::text AS subject,
                'available ' || coalesce(a.available, 0) || ' of ' || coalesce(l.available, 0)
                || ', held ' || coalesce(a.held, 0) || ' of ' || coalesce(l.held, 0) AS detail
         FROM accounts AS a FULL JOIN (
              SELECT user_id, coalesce(sum(amount) FILTER (WHERE account = {available}), 0) AS available,
                     coalesce(sum(amount) FILTER (WHERE account = {held}), 0) AS held
              FROM (SELECT account, user_id, amount FROM ledger_lines
                    UNION ALL SELECT account, user_id, amount FROM ledger_carried_forward) AS lines
              WHERE user_id IS NOT NULL GROUP BY user_id) AS l USING (user_id)
         WHERE coalesce(a.available, 0) <> coalesce(l.available, 0) OR coalesce(a.held, 0) <> coalesce(l.held, 0)",
    ),
    (
        "every house account is the sum of its lines",
        "SELECT h.name AS subject, h.balance || ' of ' || coalesce(l.balance, 0) AS detail
         FROM house_accounts AS h LEFT JOIN (
              SELECT account, sum(amount) AS balance
              FROM (SELECT account, amount FROM ledger_lines UNION ALL SELECT account, amount FROM ledger_carried_forward) AS lines
              WHERE account NOT IN ({available}, {held}) GROUP BY account) AS l USING (account) WHERE h.balance <> coalesce(l.balance, 0)",
    ),
    (
        "all balances sum to zero",
        "SELECT 'all' AS subject, 'sum ' || total AS detail FROM (
             SELECT (SELECT coalesce(sum(available + held), 0) FROM accounts) + (SELECT sum(balance) FROM house_accounts) AS total) AS t
         WHERE total <> 0",
    ),
    (
        "every slip has its posting",
        "SELECT s.id::text AS subject, 'slip ' || s.amount || ', line ' || coalesce(abs(l.amount), 0) AS detail
         FROM slips AS s LEFT JOIN ledger_lines AS l
              ON l.booked_on = s.settle_date AND l.posting_id = s.posting_id AND l.user_id = s.user_id
         WHERE s.amount <> coalesce(abs(l.amount), 0)",
    ),
    (
        "income is the sum of income slips",
        "SELECT coalesce(a.user_id, s.user_id)::text AS subject, a.income || ' of ' || coalesce(s.income, 0) AS detail
         FROM accounts AS a FULL JOIN (
              SELECT user_id, sum(amount) AS income
              FROM (SELECT user_id, amount FROM slips WHERE direction = {income} AND (amount_type <= {activity} OR amount_type = {other})
                    UNION ALL SELECT user_id, amount FROM income_carried_forward) AS incomes
              GROUP BY user_id) AS s USING (user_id) WHERE coalesce(a.income, 0) <> coalesce(s.income, 0)",
    ),
    (
        "held equals the open withdrawals",
        "SELECT a.user_id::text AS subject, 'held ' || a.held || ', open ' || coalesce(w.open, 0) AS detail
         FROM accounts AS a LEFT JOIN (SELECT user_id, sum(amount) AS open FROM withdrawals
              WHERE state NOT IN ('paid', 'failed', 'rejected') GROUP BY user_id) AS w USING (user_id)
         WHERE a.held <> coalesce(w.open, 0)",
    ),
    (
        "every movement has its slip",
        "SELECT m.user_id || ' type ' || m.amount_type || ' of run ' || m.run_id AS subject,
                'movement ' || m.amount || ', slip ' || coalesce(s.amount, 0) AS detail
         FROM settlement_movements AS m LEFT JOIN slips AS s
              ON s.settle_date = m.settle_date AND s.run_id = m.run_id AND s.user_id = m.user_id AND s.amount_type = m.amount_type
         WHERE m.amount <> coalesce(s.amount, 0)",
    ),
    (
        "every movement is the sum of its lines",
        "SELECT coalesce(m.run_id, t.run_id) || ' user ' || coalesce(m.user_id, t.user_id) AS subject,
                'movement ' || coalesce(m.sum, 0) || ', importers ' || coalesce(t.sum, 0) AS detail
         FROM settlement_movements AS m FULL JOIN (
              SELECT i.run_id, i.settle_date, share.user_id,
                     (CASE WHEN r.kind = 'groups' THEN {groups} ELSE {ads} END + share.tier)::smallint AS amount_type, sum(share.amount) AS sum
              FROM settlement_importers AS i JOIN settlement_runs AS r ON r.id = i.run_id,
                   LATERAL (VALUES (i.user_id, 0, i.user_share), (i.master_id, 2, i.master_share),
                                   (i.grand_master_id, 2, i.grand_master_share)) AS share (user_id, tier, amount)
              WHERE share.user_id IS NOT NULL GROUP BY 1, 2, 3, 4) AS t
              ON t.settle_date = m.settle_date AND t.run_id = m.run_id AND t.user_id = m.user_id AND t.amount_type = m.amount_type
         WHERE coalesce(m.sum, 0) <> coalesce(t.sum, 0)",
    ),
    (
        "carried remainders are what the last movement left",
        "SELECT m.user_id || ' type ' || m.amount_type AS subject, 'carried ' || a.carried || ', left ' || m.after AS detail
         FROM (SELECT DISTINCT ON (m.user_id, m.amount_type) m.user_id, m.amount_type, m.after FROM (
                   SELECT m.user_id, m.amount_type, m.after, r.moved
                   FROM settlement_movements AS m JOIN settlement_runs AS r ON r.id = m.run_id
                   UNION ALL SELECT user_id, amount_type, after, moved FROM run_reversal_movements) AS m
               ORDER BY m.user_id, m.amount_type, m.moved DESC) AS m
         JOIN LATERAL (SELECT CASE m.amount_type WHEN {groups} THEN carried_groups WHEN {ads} THEN carried_ads
                              WHEN {disciple_groups} THEN carried_disciple_groups ELSE carried_disciple_ads END AS carried
                       FROM accounts WHERE accounts.user_id = m.user_id) AS a ON true
         WHERE a.carried <> m.after",
    ),
    (
        "a reversed run is taken back whole",
        "SELECT t.user_id || ' type ' || t.amount_type || ' of run ' || t.run_id AS subject,
                'taken ' || t.sum || ' as ' || t.amount || ', movement ' || m.sum || ', line ' || coalesce(l.amount, 0) AS detail
         FROM run_reversal_movements AS t JOIN settlement_runs AS r ON r.id = t.run_id
         JOIN settlement_movements AS m ON m.settle_date = r.settle_date AND m.run_id = t.run_id
              AND m.user_id = t.user_id AND m.amount_type = t.amount_type
         LEFT JOIN ledger_keys AS k ON k.posting_id = t.posting_id
              AND k.key LIKE 'reversal:%'
         LEFT JOIN ledger_postings AS p ON p.booked_on = k.booked_on AND p.id = t.posting_id
         LEFT JOIN ledger_lines AS l ON l.booked_on = p.booked_on AND l.posting_id = p.id AND l.account = {available}
         WHERE m.sum <> t.sum OR (p.id IS NOT NULL AND coalesce(l.amount, 0) <> -t.amount)
            OR (t.posting_id IS NOT NULL AND k.key IS NULL)
            OR EXISTS (SELECT FROM ledger_keys AS undone WHERE undone.key = 'reversal:' || t.posting_id)",
    ),
];

#[derive(FromQueryResult)]
struct Offender {
    subject: String,
    detail: String,
}

/// The first offending rows of each rule.
pub async fn offenders(conn: &impl ConnectionTrait) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for (rule, sql) in RULES {
        let named = numbers()
            .iter()
            .fold((*sql).to_owned(), |sql, (name, number)| sql.replace(name, number));
        let offenders: Vec<Offender> = db::fetch_all(conn, &format!("{named} LIMIT {NAMED}"), []).await?;
        findings.extend(offenders.into_iter().map(|Offender { subject, detail }| Finding {
            rule: (*rule).to_owned(),
            subject,
            detail,
        }));
    }
    Ok(findings)
}
