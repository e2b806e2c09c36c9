//! What a program writes where nobody watches.

use anyhow::ensure;
use it::campaign::built;
use it::with_stores;
use std::process::Command;

#[tokio::test]
async fn a_log_in_a_file_has_no_colours() {
    with_stores(async |stores| {
        let mut api = Command::new(built("api")?);
        api.arg("migrate")
            .envs(&stores.environment)
            .env_remove("NO_COLOR");
        let output = tokio::task::spawn_blocking(move || api.output()).await??;
        let log = String::from_utf8(output.stderr)?;
        ensure!(output.status.success(), "{log}");
        ensure!(log.contains("INFO"), "it logged nothing: {log:?}");
        ensure!(!log.contains('\u{1b}'), "{log:?}");
        Ok(())
    })
    .await;
}
