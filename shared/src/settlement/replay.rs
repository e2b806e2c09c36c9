//! A past run, done again on paper from what was kept with it, and compared line by line.

use super::model::{Basis, shares};
use super::repo;
use crate::kernel::db;
use crate::kernel::error::{Error, Result};
use crate::kernel::id::RunId;
use crate::ledger::check::Finding;
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// Differences named per rule.
const NAMED: i64 = 20;

#[derive(FromQueryResult)]
struct Input {
    input_no: i32,
    basis: serde_json::Value,
}

#[derive(FromQueryResult)]
struct Offender {
    subject: String,
    detail: String,
}

/// Replays a run. Empty when everything is as the rule says.
///
/// # Errors
/// 1404 for no such run; what PostgreSQL says.
pub async fn replay(conn: &impl ConnectionTrait, run: RunId) -> Result<Vec<Finding>> {
    let run = repo::by_id(conn, run)
        .await?
        .ok_or_else(|| Error::not_found("run"))?;
    let inputs: Vec<Input> = db::fetch_all(
        conn,
        "SELECT input_no, basis FROM settlement_inputs WHERE run_id = $1 ORDER BY 1",
        [run.id.into()],
    )
    .await?;
    let (mut numbers, mut users, mut masters, mut grand_masters) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for input in inputs {
        let basis: Basis = serde_json::from_value(input.basis)?;
        let again = shares(&basis);
        numbers.push(input.input_no);
        users.push(again.user.decimal());
        masters.push(again.master.decimal());
        grand_masters.push(again.grand_master.decimal());
    }
    let mut findings = Vec::new();
    for (rule, sql) in RULES {
        let values = [
            run.settle_date.into(),
            run.id.into(),
            numbers.clone().into(),
            arrays(&users),
            arrays(&masters),
            arrays(&grand_masters),
            NAMED.into(),
        ];
        let offenders: Vec<Offender> = db::fetch_all(conn, sql, values).await?;
        findings.extend(offenders.into_iter().map(|offender| Finding {
            rule: (*rule).to_owned(),
            subject: offender.subject,
            detail: offender.detail,
        }));
    }
    Ok(findings)
}

fn arrays(amounts: &[Decimal]) -> sea_orm::Value {
    amounts.to_vec().into()
}

const RULES: &[(&str, &str)] = &[
    (
        "every line is what the rule makes of its input",
        "WITH again AS (SELECT * FROM unnest($3::integer[], $4::numeric[], $5::numeric[], $6::numeric[])
                        AS a (input_no, user_share, master_share, grand_master_share))
         SELECT 'group ' || l.group_id AS subject,
                l.user_share || ' / ' || l.master_share || ' / ' || l.grand_master_share || ', expected '
                || coalesce(a.user_share || ' / ' || a.master_share || ' / ' || a.grand_master_share, 'no such input') AS detail
         FROM settlement_lines AS l LEFT JOIN again AS a USING (input_no)
         WHERE l.settle_date = $1 AND l.run_id = $2
           AND (l.user_share, l.master_share, l.grand_master_share) IS DISTINCT FROM (a.user_share, a.master_share, a.grand_master_share)
         ORDER BY l.group_id LIMIT $7",
    ),
    (
        "every input is what the rule makes of its basis",
        "WITH again AS (SELECT * FROM unnest($3::integer[], $4::numeric[], $5::numeric[], $6::numeric[])
                        AS a (input_no, user_share, master_share, grand_master_share))
         SELECT 'input ' || i.input_no AS subject, 'on ' || $1::date || ': ' || i.user_share || ' / ' || i.master_share || ' / ' || i.grand_master_share AS detail
         FROM settlement_inputs AS i JOIN again AS a USING (input_no)
         WHERE i.run_id = $2
           AND (i.user_share, i.master_share, i.grand_master_share) IS DISTINCT FROM (a.user_share, a.master_share, a.grand_master_share)
         ORDER BY i.input_no LIMIT $7",
    ),
    (
        "every importer is the sum of their lines",
        "WITH unused AS (SELECT $3::integer[], $4::numeric[], $5::numeric[], $6::numeric[]),
         s AS (SELECT user_id, sum(user_share) AS user_share, sum(master_share) AS master_share, sum(grand_master_share) AS grand_master_share
               FROM settlement_lines WHERE settle_date = $1 AND run_id = $2 GROUP BY user_id),
         i AS (SELECT user_id, user_share, master_share, grand_master_share FROM settlement_importers WHERE settle_date = $1 AND run_id = $2)
         SELECT 'user ' || user_id AS subject, coalesce(i.user_share, 0) || ' of ' || coalesce(s.user_share, 0) AS detail
         FROM i FULL JOIN s USING (user_id)
         WHERE (i.user_share, i.master_share, i.grand_master_share) IS DISTINCT FROM (s.user_share, s.master_share, s.grand_master_share)
         ORDER BY user_id LIMIT $7",
    ),
    (
        "every beneficiary's movement is the sum of their shares",
        "WITH unused AS (SELECT $3::integer[], $4::numeric[], $5::numeric[], $6::numeric[]),
         s AS (SELECT share.user_id, share.tier, sum(share.amount) AS sum FROM settlement_importers AS i,
                      LATERAL (VALUES (i.user_id, 0, i.user_share), (i.master_id, 1, i.master_share),
                                      (i.grand_master_id, 1, i.grand_master_share)) AS share (user_id, tier, amount)
               WHERE i.settle_date = $1 AND i.run_id = $2 AND share.user_id IS NOT NULL GROUP BY 1, 2),
         m AS (SELECT user_id, (amount_type >= 3)::int AS tier, before, sum, amount, after FROM settlement_movements
               WHERE settle_date = $1 AND run_id = $2)
         SELECT 'user ' || user_id AS subject,
                'before ' || m.before || ' sum ' || m.sum || ' slip ' || m.amount || ' after ' || m.after || ', shares ' || coalesce(s.sum, 0) AS detail
         FROM m FULL JOIN s USING (user_id, tier)
         WHERE m.sum IS DISTINCT FROM s.sum OR m.amount <> trunc(m.before + m.sum, 2) OR m.before + m.sum <> m.amount + m.after
         ORDER BY user_id LIMIT $7",
    ),
    (
        "every movement has its slip and posting",
        "WITH unused AS (SELECT $3::integer[], $4::numeric[], $5::numeric[], $6::numeric[])
         SELECT 'user ' || m.user_id || ' type ' || m.amount_type AS subject,
                'movement ' || m.amount || ', slip ' || coalesce(s.amount, 0) || ', line ' || coalesce(l.amount, 0) AS detail
         FROM settlement_movements AS m
         LEFT JOIN slips AS s ON s.settle_date = m.settle_date AND s.run_id = m.run_id AND s.user_id = m.user_id AND s.amount_type = m.amount_type
         LEFT JOIN ledger_lines AS l ON l.booked_on = s.settle_date AND l.posting_id = s.posting_id AND l.account = 1
         WHERE m.settle_date = $1 AND m.run_id = $2 AND (m.amount <> coalesce(s.amount, 0) OR m.amount <> coalesce(l.amount, 0))
         ORDER BY m.user_id LIMIT $7",
    ),
];
