//! Whether the ledger is clean, as Prometheus hears it.

use anyhow::{Context as _, Result};
use it::{App, with_app};
use kernel::telemetry;
use reqwest::Method;

async fn shown(app: &App) -> Result<String> {
    let answer = app.anonymous().request(Method::GET, "/metrics").send().await?;
    let text = answer.text().await?;
    let line = text.lines().find(|line| line.starts_with("gpet_ledger_clean "));
    Ok(line.context(text.clone())?.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_process_tells_what_any_process_found() {
    with_app(async |app| {
        telemetry::start(&app.context.config.log)?;
        assert_eq!(shown(app).await?, "gpet_ledger_clean 1");
        let found = |id: u8, clean: bool| {
            format!(
                "INSERT INTO ledger_checks (id, checked_at, clean, findings)
                 VALUES ('00000000-0000-0000-0000-00000000000{id}', '2026-11-21T03:00:0{id}Z', {clean}, '[]')"
            )
        };
        // As another process would.
        app.execute(&found(1, false)).await?;
        assert_eq!(shown(app).await?, "gpet_ledger_clean 0");
        app.execute(&found(2, true)).await?;
        assert_eq!(shown(app).await?, "gpet_ledger_clean 1");
        Ok(())
    })
    .await;
}
