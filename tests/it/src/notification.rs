//! Notifications of WeChat Pay, taken on their way.

use anyhow::{Context as _, Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A notification on its way to us.
pub struct Caught {
    /// Of the signature.
    pub headers: Vec<(String, String)>,
    /// As it was signed.
    pub body: Vec<u8>,
}

/// Takes one notification in our place.
///
/// # Errors
/// When what comes is none.
pub async fn catch(listener: &TcpListener) -> Result<Caught> {
    let (mut stream, _) = listener.accept().await?;
    let mut bytes = Vec::new();
    loop {
        ensure!(stream.read_buf(&mut bytes).await? > 0, "cut off");
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let head = std::str::from_utf8(&bytes[..end])?;
        let headers: Vec<(String, String)> = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let length: usize = length.context("no length")?.1.parse()?;
        if bytes.len() == end + 4 + length {
            stream
                .write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
                .await?;
            let headers = headers
                .into_iter()
                .filter(|(name, _)| name.starts_with("wechatpay-"))
                .collect();
            return Ok(Caught {
                headers,
                body: bytes.split_off(end + 4),
            });
        }
    }
}
