//! The HTTP binary: routes for users (`/api/h5`), operators (`/api/console`), partners, and those who run it.

pub mod app_state;
mod basis;
pub mod command;
pub mod console;
mod description;
mod explanation;
pub mod h5;
pub mod http;
pub mod migrate;
pub mod ops;
pub mod partner;
mod routes;

pub use routes::description;

use app_state::AppState;
use http::acceptor::GuardedAcceptor;
use http::header_deadline::ConnectionTimeouts;
use kernel::Error;
use poem::Server;
use std::net::SocketAddr;
use std::time::Duration;
use tokio_util::task::TaskTracker;

/// How long a stop waits for requests under way.
const FAREWELL: Duration = Duration::from_secs(20);

/// Between an answer and the next request on a connection; longer than proxies keep theirs.
const IDLE: Duration = Duration::from_secs(75);

/// The whole application, listening.
pub struct Application {
    app: AppState,
    acceptor: GuardedAcceptor,
}

impl Application {
    /// Listens where the configuration says; port 0 takes any free one.
    ///
    /// # Errors
    /// When the address cannot be had.
    pub async fn build(app: AppState) -> kernel::Result<Application> {
        let config = &app.config.api;
        let timeouts = ConnectionTimeouts {
            header: Duration::from_secs(config.header_timeout_seconds),
            idle: IDLE,
        };
        let acceptor = GuardedAcceptor::bind(config.listen, config.max_connections, timeouts)
            .await
            .map_err(|error| {
                let place = format!("api.listen (GPET_API_LISTEN): {}: {error}", config.listen);
                Error::params("api.listen", place)
            })?;
        Ok(Application { app, acceptor })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.acceptor.address()
    }

    /// Serves until `stop`, then lets requests under way end, for 20 seconds at most.
    ///
    /// # Errors
    /// What the system says of the listener.
    pub async fn run(self, stop: impl Future<Output = ()>) -> std::io::Result<()> {
        let tasks = TaskTracker::new();
        let app = routes::application(self.app, tasks.clone()).map_err(std::io::Error::other)?;
        let asked = async {
            stop.await;
            tracing::info!("stopping");
        };
        Server::new_with_acceptor(self.acceptor)
            .run_with_graceful_shutdown(app, asked, Some(FAREWELL))
            .await?;
        // Tasks whose client has gone go on without a connection.
        tasks.close();
        if tokio::time::timeout(FAREWELL, tasks.wait()).await.is_err() {
            tracing::warn!(tasks = tasks.len(), "stopped with requests under way");
        }
        Ok(())
    }
}
