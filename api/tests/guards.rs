//! The guards around connections, on real sockets. No store is there.

use api::Application;
use api::app_state::AppState;
use kernel::Context;
use kernel::config::Config;
use partners::Partners;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

const LONG: Duration = Duration::from_secs(10);

struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    server: JoinHandle<std::io::Result<()>>,
}

async fn run(max_connections: usize) -> Running {
    let mut variables: HashMap<String, String> = [
        ("GPET_PROFILE", "test"),
        ("GPET_API_LISTEN", "127.0.0.1:0"),
        ("DATABASE_URL", "postgres://127.0.0.1:1/gpet"),
        ("REDIS_URL", "redis://127.0.0.1:1/0"),
        ("MQ_CONFIG", "amqp://127.0.0.1:1/gpet"),
        ("INNER_MQ_CONFIG", "amqp://127.0.0.1:1/gpet"),
        ("ROBOT_HOST", "http://127.0.0.1:1"),
        ("LAUNCH_HOST", "http://127.0.0.1:1"),
        ("MD5_SECRET_KEY", "key"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    for name in ["JWT_SECRET", "GPET_PARTNER_SECRET", "GPET_DATA_KEY"] {
        variables.insert(name.to_owned(), "00".repeat(32));
    }
    let mut config = Config::from_variables(variables).unwrap();
    config.api.header_timeout_seconds = 1;
    config.api.max_connections = max_connections;
    let app = AppState::new(
        Context::new(config.clone()).await.unwrap(),
        Partners::connect(&config).unwrap(),
    );
    let application = Application::build(app).await.unwrap();
    let address = application.address();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(application.run(async {
        let _ = stopped.await;
    }));
    Running {
        address,
        stop,
        server,
    }
}

/// What comes back until the server closes, or has answered once.
async fn answer(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    while !text.ends_with(b"}") {
        let mut chunk = [0; 4096];
        match timeout(LONG, stream.read(&mut chunk))
            .await
            .expect("the server neither answered nor closed")
        {
            Ok(0) | Err(_) => break,
            Ok(length) => text.extend_from_slice(&chunk[..length]),
        }
    }
    String::from_utf8(text).unwrap()
}

const HEALTH: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: gpet\r\n\r\n";

#[tokio::test]
async fn a_header_that_drips_is_not_waited_for() {
    let running = run(10).await;
    let mut slow = TcpStream::connect(running.address).await.unwrap();
    slow.write_all(b"GET /healthz HTTP/1.1\r\nX-Slow: ")
        .await
        .unwrap();
    let answered = answer(&mut slow).await;
    assert!(!answered.contains("1200"), "{answered}");
    let mut quick = TcpStream::connect(running.address).await.unwrap();
    for _ in 0..2 {
        quick.write_all(HEALTH).await.unwrap();
        assert!(answer(&mut quick).await.contains("\"code\":1200"));
    }
}

#[tokio::test]
async fn connections_over_the_cap_wait_for_a_place() {
    let running = run(1).await;
    let mut first = TcpStream::connect(running.address).await.unwrap();
    first.write_all(HEALTH).await.unwrap();
    assert!(answer(&mut first).await.contains("\"code\":1200"));
    let mut second = TcpStream::connect(running.address).await.unwrap();
    second.write_all(HEALTH).await.unwrap();
    let mut nothing = [0; 1];
    assert!(
        timeout(Duration::from_millis(300), second.read(&mut nothing))
            .await
            .is_err()
    );
    drop(first);
    assert!(answer(&mut second).await.contains("\"code\":1200"));
}

#[tokio::test]
async fn a_stop_closes_what_is_idle_and_ends() {
    let running = run(10).await;
    let mut idle = TcpStream::connect(running.address).await.unwrap();
    idle.write_all(HEALTH).await.unwrap();
    assert!(answer(&mut idle).await.contains("\"code\":1200"));
    running.stop.send(()).unwrap();
    timeout(LONG, running.server)
        .await
        .expect("it did not stop")
        .unwrap()
        .unwrap();
    assert_eq!(answer(&mut idle).await, "");
    assert!(TcpStream::connect(running.address).await.is_err());
}
