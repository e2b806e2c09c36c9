//! A past run, done again on paper from what was kept with it, and compared line by line.

use super::ads::stay;
use super::model::{Basis, RunKind, Shares, shares};
use super::repo;
use super::run::RunSummary;
use crate::ledger::check::Finding;
use kernel::db;
use kernel::error::{Error, Result};
use kernel::id::RunId;
use kernel::money::Share;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// Differences named per rule.
const NAMED: usize = 20;

#[derive(FromQueryResult)]
struct Input {
    input_no: i32,
    basis: serde_json::Value,
    user_share: Share,
    master_share: Share,
    grand_master_share: Share,
}

#[derive(FromQueryResult)]
struct Offender {
    subject: String,
    detail: String,
}

impl Offender {
    fn breaks(self, rule: &str) -> Finding {
        Finding {
            rule: rule.to_owned(),
            subject: self.subject,
            detail: self.detail,
        }
    }
}

/// Replays a run. Empty when everything is as the rule says.
///
/// # Errors
/// 1404 for no such run; what PostgreSQL says.
pub async fn replay(conn: &impl ConnectionTrait, run: RunId) -> Result<Vec<Finding>> {
    let run = repo::by_id(conn, run)
        .await?
        .ok_or_else(|| Error::not_found("run"))?;
    let mut findings = inputs_again(conn, run.id).await?;
    findings.extend(holders_again(conn, &run).await?);
    for (rule, sql) in RULES {
        let sql = format!("{sql} LIMIT {NAMED}");
        let offenders: Vec<Offender> =
            db::fetch_all(conn, &sql, [run.settle_date.into(), run.id.into()]).await?;
        findings.extend(offenders.into_iter().map(|offender| offender.breaks(rule)));
    }
    Ok(findings)
}

/// The rule asked again for each input of the run.
async fn inputs_again(conn: &impl ConnectionTrait, run: RunId) -> Result<Vec<Finding>> {
    let sql = "SELECT input_no, basis, user_share, master_share, grand_master_share FROM settlement_inputs
               WHERE run_id = $1 ORDER BY input_no";
    let inputs: Vec<Input> = db::fetch_all(conn, sql, [run.into()]).await?;
    let mut findings = Vec::new();
    for input in inputs {
        let basis: Basis = serde_json::from_value(input.basis)?;
        let kept = Shares {
            user: input.user_share,
            master: input.master_share,
            grand_master: input.grand_master_share,
        };
        let again = shares(&basis);
        if again != kept {
            findings.push(Finding {
                rule: "every input is what the rule makes of its basis".to_owned(),
                subject: format!("input {}", input.input_no),
                detail: format!("kept {kept:?}, expected {again:?}"),
            });
        }
    }
    findings.truncate(NAMED);
    Ok(findings)
}

/// The holders of an ads batch's groups looked for again, and each line compared with the revenue of its group. A code that
/// was unknown stays so: who pulls the group later must not make an old run wrong.
async fn holders_again(conn: &impl ConnectionTrait, run: &RunSummary) -> Result<Vec<Finding>> {
    if run.kind != RunKind::Ads.name() {
        return Ok(Vec::new());
    }
    let holder = stay::holder("r.group_code", "$4", "$5");
    let sql = format!(
        "WITH batch AS (SELECT id, stay_rule FROM ad_batches WHERE settle_date = $1 AND batch_no = $3),
         due AS (SELECT r.group_code, r.amount, CASE WHEN batch.stay_rule = {rule} THEN ({holder}) ELSE r.group_id END AS group_id
                 FROM batch JOIN ad_revenues AS r ON r.batch_id = batch.id WHERE r.group_id IS NOT NULL),
         paid AS (SELECT group_id, user_share FROM settlement_lines WHERE settle_date = $1 AND run_id = $2)
         SELECT 'group ' || coalesce(due.group_code, paid.group_id::text) AS subject,
                'revenue ' || coalesce(due.amount::text, 'none') || ' for ' || coalesce(due.group_id::text, 'nobody')
                || ', paid ' || coalesce(paid.user_share::text, 'none') AS detail
         FROM due FULL JOIN paid USING (group_id)
         WHERE due.amount IS DISTINCT FROM paid.user_share
         ORDER BY 1 LIMIT {NAMED}",
        rule = stay::RULE,
    );
    let values = [
        run.settle_date.into(),
        run.id.into(),
        run.batch_no.into(),
        run.settle_date.start().into(),
        run.settle_date.plus_days(1).start().into(),
    ];
    let offenders: Vec<Offender> = db::fetch_all(conn, &sql, values).await?;
    let rule = "every revenue is paid, to who held the group on its date";
    Ok(offenders
        .into_iter()
        .map(|offender| offender.breaks(rule))
        .collect())
}

const RULES: &[(&str, &str)] = &[
    (
        "every line is what its input says",
        "SELECT 'group ' || l.group_id AS subject,
                l.user_share || ' / ' || l.master_share || ' / ' || l.grand_master_share || ', expected '
                || coalesce(i.user_share || ' / ' || i.master_share || ' / ' || i.grand_master_share, 'no such input') AS detail
         FROM settlement_lines AS l LEFT JOIN settlement_inputs AS i USING (run_id, input_no)
         WHERE l.settle_date = $1 AND l.run_id = $2
           AND (l.user_share, l.master_share, l.grand_master_share) IS DISTINCT FROM (i.user_share, i.master_share, i.grand_master_share)
         ORDER BY l.group_id",
    ),
    (
        "every importer is the sum of their lines",
        "WITH s AS (SELECT user_id, sum(user_share) AS user_share, sum(master_share) AS master_share, sum(grand_master_share) AS grand_master_share
               FROM settlement_lines WHERE settle_date = $1 AND run_id = $2 GROUP BY user_id),
         i AS (SELECT user_id, user_share, master_share, grand_master_share FROM settlement_importers WHERE settle_date = $1 AND run_id = $2)
         SELECT 'user ' || user_id AS subject, coalesce(i.user_share, 0) || ' of ' || coalesce(s.user_share, 0) AS detail
         FROM i FULL JOIN s USING (user_id)
         WHERE (i.user_share, i.master_share, i.grand_master_share) IS DISTINCT FROM (s.user_share, s.master_share, s.grand_master_share)
         ORDER BY user_id",
    ),
    (
        "every beneficiary's movement is the sum of their shares",
        "WITH s AS (SELECT share.user_id, share.tier, sum(share.amount) AS sum FROM settlement_importers AS i,
                      LATERAL (VALUES (i.user_id, 0, i.user_share), (i.master_id, 1, i.master_share),
                                      (i.grand_master_id, 1, i.grand_master_share)) AS share (user_id, tier, amount)
               WHERE i.settle_date = $1 AND i.run_id = $2 AND share.user_id IS NOT NULL GROUP BY 1, 2),
         m AS (SELECT user_id, (amount_type >= 3)::int AS tier, before, sum, amount, after FROM settlement_movements
               WHERE settle_date = $1 AND run_id = $2)
         SELECT 'user ' || user_id AS subject,
                'before ' || m.before || ' sum ' || m.sum || ' slip ' || m.amount || ' after ' || m.after || ', shares ' || coalesce(s.sum, 0) AS detail
         FROM m FULL JOIN s USING (user_id, tier)
         WHERE m.sum IS DISTINCT FROM s.sum OR m.amount <> trunc(m.before + m.sum, 2) OR m.before + m.sum <> m.amount + m.after
         ORDER BY user_id",
    ),
    (
        "every movement has its slip and posting",
        "SELECT 'user ' || m.user_id || ' type ' || m.amount_type AS subject,
                'movement ' || m.amount || ', slip ' || coalesce(s.amount, 0) || ', line ' || coalesce(l.amount, 0) AS detail
         FROM settlement_movements AS m
         LEFT JOIN slips AS s ON s.settle_date = m.settle_date AND s.run_id = m.run_id AND s.user_id = m.user_id AND s.amount_type = m.amount_type
         LEFT JOIN ledger_lines AS l ON l.booked_on = s.settle_date AND l.posting_id = s.posting_id AND l.account = 1
         WHERE m.settle_date = $1 AND m.run_id = $2 AND (m.amount <> coalesce(s.amount, 0) OR m.amount <> coalesce(l.amount, 0))
         ORDER BY m.user_id",
    ),
];
