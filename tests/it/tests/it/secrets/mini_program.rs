//! The file of a mini-program lies where a partner says: not on our own networks.

use anyhow::Result;
use it::{App, with_app, with_app_configured};
use kernel::config::Profile;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A server on this machine that answers everybody, and counts them.
async fn inner_server(answer: &'static str) -> Result<(String, JoinHandle<Result<()>>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}/file", listener.local_addr()?);
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await?;
        let mut buffer = [0; 4096];
        let _ = stream.read(&mut buffer).await?;
        Ok(stream.write_all(answer.as_bytes()).await?)
    });
    Ok((address, served))
}

const FILE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 8\r\nconnection: close\r\n\r\nPG1zZz4=";
const REDIRECT: &str =
    "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// Hands in a task with one mini-program whose file is there; what became of it.
async fn task(app: &App, id: &str, file: &str) -> Result<String> {
    let items =
        json!([{"type": 4, "title": "play", "content": "https://x.example/cover.png", "filePath": file}]);
    let task = json!({"taskId": id, "taskType": 1, "groupIds": ["G-1"], "content": {"items": items}});
    let taken = app.signed_post("/task/receive", task).await?;
    assert_eq!(taken.outcome(), (200, 1200), "{taken:?}");
    let became = format!("SELECT state, coalesce(reason, '') FROM delivery_results WHERE task_id = '{id}'");
    Ok(app.rows(&became).await?.concat())
}

async fn a_group(app: &App) -> Result<()> {
    app.robot("R-1").await?;
    app.befriends("U-1", "R-1").await?;
    app.pulls("U-1", "R-1", "G-1").await
}

#[tokio::test(flavor = "multi_thread")]
async fn in_production_our_own_networks_are_out_of_reach() {
    with_app_configured(
        |config| config.profile = Profile::Production,
        async |app| {
            a_group(app).await?;
            let (inner, served) = inner_server(FILE).await?;
            let became = task(app, "T-1", &inner).await?;
            assert!(became.starts_with("(failed,"), "{became}");
            assert!(!served.is_finished(), "nobody called");
            served.abort();
            for (place, address) in [
                "https://127.0.0.1:8443/f",
                "https://[::1]/f",
                "https://10.0.0.1/f",
                "https://localhost/f",
                "https://169.254.169.254/latest/meta-data",
                "https://[::ffff:10.0.0.1]/f",
                "https://u:p@x.example/f",
                "https://x.example:22/f",
                "ftp://x.example/f",
            ]
            .iter()
            .enumerate()
            {
                let became = task(app, &format!("T-{}", place + 2), address).await?;
                assert!(became.starts_with("(failed,"), "{address}: {became}");
                assert!(became.contains("filePath"), "{address}: {became}");
            }
            Ok(())
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_tests_a_file_on_this_machine_is_fetched_without_following_anybody() {
    with_app(async |app| {
        a_group(app).await?;
        let (inner, served) = inner_server(FILE).await?;
        assert_eq!(task(app, "T-1", &inner).await?, "(pending,\"\")");
        served.await??;
        let (inner, served) = inner_server(REDIRECT).await?;
        let became = task(app, "T-2", &inner).await?;
        assert!(
            became.starts_with("(failed,") && became.contains("302"),
            "{became}"
        );
        served.await?
    })
    .await;
}
