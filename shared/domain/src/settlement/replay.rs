//! A past run, done again on paper from what was kept with it, and compared line by line.

use super::model::{Basis, RunKind, Shares, shares};
use super::repo::replay::{self as kept, NAMED};
use super::repo::runs;
use crate::ledger::check::Finding;
use kernel::error::Result;
use kernel::id::RunId;
use sea_orm::ConnectionTrait;

/// Replays a run. Empty when everything is as the rule says.
///
/// # Errors
/// 1404 for no such run.
pub async fn replay(conn: &impl ConnectionTrait, run: RunId) -> Result<Vec<Finding>> {
    let run = runs::run(conn, run).await?;
    let mut findings = inputs_again(conn, run.id).await?;
    if run.kind == RunKind::Ads {
        findings.extend(kept::holders_again(conn, &run).await?);
    }
    findings.extend(kept::offenders(conn, &run).await?);
    Ok(findings)
}

/// The rule asked again for each input of the run.
async fn inputs_again(conn: &impl ConnectionTrait, run: RunId) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for input in kept::inputs(conn, run).await? {
        let basis: Basis = serde_json::from_value(input.basis)?;
        let written = Shares {
            user: input.user_share,
            master: input.master_share,
            grand_master: input.grand_master_share,
        };
        let again = shares(&basis);
        if again != written {
            findings.push(Finding {
                rule: "every input is what the rule makes of its basis".to_owned(),
                subject: format!("input {}", input.input_no),
                detail: format!("kept {written:?}, expected {again:?}"),
            });
        }
    }
    findings.truncate(NAMED);
    Ok(findings)
}
