//! Accepting connections: without delay, not more than so many, and calmly when the system refuses.

use super::header_deadline::{ConnectionTimeouts, HeaderDeadline};
use poem::http::uri::Scheme;
use poem::listener::Acceptor;
use poem::web::{LocalAddr, RemoteAddr};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// Pause after an accept that failed, as with no file descriptor left.
const PAUSE: Duration = Duration::from_millis(50);

/// A guarded TCP acceptor.
pub struct GuardedAcceptor {
    listener: TcpListener,
    address: SocketAddr,
    places: Arc<Semaphore>,
    timeouts: ConnectionTimeouts,
}

impl GuardedAcceptor {
    /// Listens; port 0 takes any free one.
    ///
    /// # Errors
    /// When the address is taken or not ours.
    pub async fn bind(
        address: SocketAddr,
        connections: usize,
        timeouts: ConnectionTimeouts,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok(GuardedAcceptor {
            listener,
            address,
            places: Arc::new(Semaphore::new(connections)),
            timeouts,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Acceptor for GuardedAcceptor {
    type Io = HeaderDeadline;

    fn local_addr(&self) -> Vec<LocalAddr> {
        vec![LocalAddr(self.address.into())]
    }

    async fn accept(&mut self) -> io::Result<(HeaderDeadline, LocalAddr, RemoteAddr, Scheme)> {
        // Over the limit new connections wait in the kernel's queue.
        let place = self
            .places
            .clone()
            .acquire_owned()
            .await
            .map_err(io::Error::other)?;
        loop {
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    // A connection that died at once shows itself at the first read.
                    let _ = stream.set_nodelay(true);
                    let stream = HeaderDeadline::new(stream, self.timeouts, place);
                    let local = LocalAddr(self.address.into());
                    return Ok((stream, local, RemoteAddr(peer.into()), Scheme::HTTP));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    metrics::counter!("gpet_http_accept_errors_total").increment(1);
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }
}
