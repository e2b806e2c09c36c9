//! What a campaign came to: read from the database, and the same with kills and without.

use crate::fixture;
use anyhow::Result;
use kernel::Context;
use std::collections::BTreeMap;

/// People go by their names, since ids differ from run to run.
const QUESTIONS: &[(&str, &str)] = &[
    ("users", "SELECT count(*), count(code), count(union_id), count(phone) FROM users WHERE status <> 3"),
    ("referrals", "SELECT u.code, m.code FROM referrals JOIN users AS u ON u.id = user_id
                   LEFT JOIN users AS m ON m.id = master_id WHERE u.status <> 3 AND u.code IS NOT NULL ORDER BY 1"),
    ("friendships", "SELECT count(*), count(*) FILTER (WHERE fee_collected) FROM friendships"),
    ("robots", "SELECT day, sum(displays), sum(activations) FROM robot_days GROUP BY day ORDER BY day"),
    (
        "displays",
        "SELECT channel, d.day, sum(displays), sum(display_limit) FILTER (WHERE channel IS NOT NULL) FROM robot_days AS d
         JOIN robots ON id = robot_id GROUP BY 1, 2 ORDER BY 1, 2",
    ),
    ("visitors", "SELECT count(*), count(sharing_user_id) FROM robot_accesses"),
    ("groups", "SELECT g.code, u.code, g.status, star, star_state, cancel_reason, settle_count FROM groups AS g
                JOIN users AS u ON u.id = user_id LEFT JOIN group_settle_counts AS c ON c.group_id = g.id ORDER BY 1"),
    ("star changes", "SELECT count(*), sum(star) FROM star_changes"),
    ("comings and goings", "SELECT code, sum(joined), sum(left_) FROM group_day_counts JOIN groups ON id = group_id GROUP BY 1 ORDER BY 1"),
    ("messages", "SELECT count(*), count(DISTINCT message_no) FROM group_messages"),
    ("ads", "SELECT settle_date, batch_no, accepted, unknown FROM ad_batches ORDER BY 1, 2"),
    ("settlement runs", "SELECT kind, settle_date, batch_no, slip_count, total FROM settlement_runs ORDER BY 1, 2, 3"),
    ("slips", "SELECT settle_date, amount_type, direction, count(*), sum(amount) FROM slips GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"),
    ("wallets", "SELECT u.union_id, available, held, income, carried_groups, carried_ads, carried_disciple_groups, carried_disciple_ads
                 FROM accounts JOIN users AS u ON u.id = user_id ORDER BY 1"),
    ("deployment", "SELECT name, balance FROM house_accounts ORDER BY 1"),
    ("postings", "SELECT kind, count(*), sum(amount) FILTER (WHERE amount > 0) FROM ledger_postings AS p
                  JOIN ledger_lines AS l ON l.posting_id = p.id AND l.booked_on = p.booked_on GROUP BY 1 ORDER BY 1"),
    ("withdrawals", "SELECT open_id, requested_on, amount, state FROM withdrawals ORDER BY 1, 2"),
    ("withdrawals by state", "SELECT state, count(*), sum(amount) FROM withdrawals GROUP BY 1 ORDER BY 1"),
    ("robot events", "SELECT command, state, count(*) FROM inbox_messages WHERE message_key LIKE '%:campaign-%' GROUP BY 1, 2 ORDER BY 1, 2"),
    ("jobs", "SELECT job, business_date, state FROM job_runs ORDER BY 1, 2"),
    // How a withdrawal gets to its end depends on who was killed when; its end does not.
    ("business events", "SELECT topic, count(*) FROM outbox WHERE destination = 'event'
                         AND topic NOT IN ('withdrawal_changed', 'queue.pet.point.web') GROUP BY 1 ORDER BY 1"),
    ("ends announced", "SELECT payload->'body'->>'state', count(DISTINCT payload->'body'->>'id') FROM outbox
                        WHERE topic = 'withdrawal_changed' AND payload->'body'->>'state' IN ('requested', 'paid', 'failed', 'rejected')
                        GROUP BY 1 ORDER BY 1"),
    ("ledger checks", "SELECT DISTINCT clean FROM ledger_checks"),
];

/// Rows by question.
pub type Totals = BTreeMap<&'static str, Vec<String>>;

/// Reads them.
pub async fn totals(context: &Context) -> Result<Totals> {
    let mut totals = Totals::new();
    for (name, sql) in QUESTIONS {
        totals.insert(name, fixture::rows(context, sql).await?);
    }
    Ok(totals)
}

/// What differs, row by row; nothing when all is equal.
pub fn differences(calm: &Totals, struck: &Totals) -> Vec<String> {
    let mut differences = Vec::new();
    for (name, expected) in calm {
        let found = struck.get(name).map(Vec::as_slice).unwrap_or_default();
        let missing = expected.iter().filter(|row| !found.contains(row));
        let added = found.iter().filter(|row| !expected.contains(row));
        differences.extend(missing.map(|row| format!("{name}: {row} is missing")));
        differences.extend(added.map(|row| format!("{name}: {row} is new")));
        if expected.len() != found.len() {
            differences.push(format!(
                "{name}: {} rows instead of {}",
                found.len(),
                expected.len()
            ));
        }
    }
    differences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_named() {
        let of =
            |rows: &[&str]| Totals::from([("slips", rows.iter().map(|row| (*row).to_owned()).collect())]);
        assert!(differences(&of(&["(1)", "(2)"]), &of(&["(1)", "(2)"])).is_empty());
        assert_eq!(
            differences(&of(&["(1)"]), &of(&["(2)"])),
            ["slips: (1) is missing", "slips: (2) is new"]
        );
        assert_eq!(
            differences(&of(&["(1)"]), &of(&["(1)", "(1)"])),
            ["slips: 2 rows instead of 1"]
        );
    }
}
