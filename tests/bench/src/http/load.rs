//! A load generator: connections that are kept, one request after the other on each, all in one thread as pgbench's are.

use anyhow::{Context, Result, bail};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Asks over and over, one connection a token, and tells how many answers came in time.
///
/// # Errors
/// When a connection breaks or an answer is not 200.
pub fn run(address: SocketAddr, path: &str, tokens: &[String], time: Duration) -> Result<u64> {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?
                .block_on(ask_for(address, path, tokens, time))
        });
        thread
            .join()
            .unwrap_or_else(|_| bail!("the load generator panicked"))
    })
}

async fn ask_for(address: SocketAddr, path: &str, tokens: &[String], time: Duration) -> Result<u64> {
    let answers = Arc::new(AtomicU64::new(0));
    let mut clients = Vec::new();
    for token in tokens {
        clients.push((Client::connect(address).await?, request(path, token)));
    }
    let until = Instant::now() + time;
    let mut tasks = JoinSet::new();
    for (mut client, request) in clients {
        let answers = answers.clone();
        tasks.spawn(async move {
            while Instant::now() < until {
                let status = client.ask(&request).await?;
                if status != 200 {
                    bail!("answered {status} under load");
                }
                answers.fetch_add(1, Ordering::Relaxed);
            }
            Ok(())
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    Ok(answers.load(Ordering::Relaxed))
}

/// The status of one answer, on a connection of its own.
///
/// # Errors
/// When there is none.
pub async fn status_of(address: SocketAddr, path: &str, token: &str) -> Result<u16> {
    Client::connect(address).await?.ask(&request(path, token)).await
}

fn request(path: &str, token: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n").into_bytes()
}

struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    async fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Client {
            stream,
            buffer: Vec::with_capacity(4096),
        })
    }

    /// Sends a request and reads its whole answer.
    async fn ask(&mut self, request: &[u8]) -> Result<u16> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("the connection was closed");
            }
            if let Some((status, length)) = head(&self.buffer)?
                && self.buffer.len() >= length
            {
                return Ok(status);
            }
        }
    }
}

/// Status, and bytes of head and body together, once the head is whole.
fn head(answer: &[u8]) -> Result<Option<(u16, usize)>> {
    let Some(end) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
        return Ok(None);
    };
    let text = std::str::from_utf8(&answer[..end])?;
    let status = text.get(9..12).and_then(|status| status.parse().ok());
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let wanted = name.eq_ignore_ascii_case("content-length");
        wanted.then(|| value.trim().parse::<usize>().ok()).flatten()
    });
    let (status, length) = (status.context("no status")?, length.context("no content-length")?);
    Ok(Some((status, end + 4 + length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_when_its_body_is() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
        assert_eq!(head(&answer[..20]).unwrap(), None);
        assert_eq!(head(answer).unwrap(), Some((200, answer.len())));
        assert!(head(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }
}
