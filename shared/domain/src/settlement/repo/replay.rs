//! What replays compare: kept inputs, and queries for what differs.

use super::stays;
use crate::ledger::check::Finding;
use crate::ledger::{Account, AmountType};
use crate::settlement::model::RunSummary;
use kernel::db;
use kernel::error::Result;
use kernel::id::RunId;
use kernel::money::Share;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// Differences named per rule.
pub(in crate::settlement) const NAMED: usize = 20;

#[derive(FromQueryResult)]
pub(in crate::settlement) struct Input {
    pub input_no: i32,
    pub basis: serde_json::Value,
    pub user_share: Share,
    pub master_share: Share,
    pub grand_master_share: Share,
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

/// The inputs of a run.
pub(in crate::settlement) async fn inputs(conn: &impl ConnectionTrait, run: RunId) -> Result<Vec<Input>> {
    let sql = "SELECT input_no, basis, user_share, master_share, grand_master_share FROM settlement_inputs
               WHERE run_id = $1 ORDER BY input_no";
    db::fetch_all(conn, sql, [run.into()]).await
}

/// What breaks the rules of sums.
pub(in crate::settlement) async fn offenders(
    conn: &impl ConnectionTrait,
    run: &RunSummary,
) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for (rule, sql) in RULES {
        let sql = sql
            .replace("{available}", &Account::Available.to_string())
            .replace("{disciple_groups}", &AmountType::DiscipleGroups.to_string());
        let sql = format!("{sql} LIMIT {NAMED}");
        let offenders: Vec<Offender> =
            db::fetch_all(conn, &sql, [run.settle_date.into(), run.id.into()]).await?;
        findings.extend(offenders.into_iter().map(|offender| offender.breaks(rule)));
    }
    Ok(findings)
}

/// The holders of an ads batch's groups looked for again, and each line compared with the revenue of its group. A code that
/// was unknown stays so: who pulls the group later must not make an old run wrong.
pub(in crate::settlement) async fn holders_again(
    conn: &impl ConnectionTrait,
    run: &RunSummary,
) -> Result<Vec<Finding>> {
    let holder = stays::holder("r.group_code", "$4", "$5");
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
        rule = stays::RULE,
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

/// (rule, query for what breaks it); accounts and types by name, between braces.
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
         m AS (SELECT user_id, (amount_type >= {disciple_groups})::int AS tier, before, sum, amount, after FROM settlement_movements
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
         LEFT JOIN ledger_lines AS l ON l.booked_on = s.settle_date AND l.posting_id = s.posting_id AND l.account = {available}
         WHERE m.settle_date = $1 AND m.run_id = $2 AND (m.amount <> coalesce(s.amount, 0) OR m.amount <> coalesce(l.amount, 0))
         ORDER BY m.user_id",
    ),
];
