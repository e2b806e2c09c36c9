//! A past run, done again on paper from what was kept with it, and compared line by line.

use super::model::{Basis, RunKind, Shares, shares};
use super::repo::replay::{self as kept, NAMED};
use super::repo::runs;
use crate::ledger::check::Finding;
use kernel::Context;
use kernel::error::Result;
use kernel::id::RunId;
use poem_openapi::Object;
use sea_orm::ConnectionTrait;

/// What a replay came to.
#[derive(Debug, Object)]
pub struct RunReplay {
    /// Whether the run is what the rule makes of its inputs.
    pub clean: bool,
    /// The first differences of each rule.
    pub findings: Vec<Finding>,
}

/// Replays a run.
///
/// # Errors
/// 1404 for no such run.
pub async fn replay(context: &Context, run: RunId) -> Result<RunReplay> {
    let findings = differences(context.db.read(), run).await?;
    Ok(RunReplay {
        clean: findings.is_empty(),
        findings,
    })
}

/// Where a run is not what the rule makes of it; none when everything is as the rule says.
///
/// # Errors
/// 1404 for no such run.
pub async fn differences(conn: &impl ConnectionTrait, run: RunId) -> Result<Vec<Finding>> {
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
