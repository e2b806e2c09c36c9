//! A connection that must send its request's header in time. poem sets hyper no such limit, so it is kept below it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, Sleep, sleep};

/// How long a connection is waited for.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionTimeouts {
    /// From the first byte of a header, or the connection's start, to the header's end.
    pub header: Duration,
    /// Between an answer and the next request.
    pub idle: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Idle,
    /// So many bytes of the blank line that ends a header have been seen.
    Header(usize),
    /// The header is through: body and answer are under the request's time-out.
    Request,
    /// Frames, not headers and blank lines: only silence ends the connection.
    Http2,
}

impl Phase {
    /// The phase after these bytes.
    fn after(self, bytes: &[u8]) -> Phase {
        const END: &[u8] = b"\r\n\r\n";
        let mut matched = match self {
            Phase::Request | Phase::Http2 => return self,
            Phase::Header(0) if bytes.starts_with(b"PRI * HTTP/2.0\r\n") => return Phase::Http2,
            Phase::Idle => 0,
            Phase::Header(matched) => matched,
        };
        for byte in bytes {
            matched = match *byte == END[matched] {
                true => matched + 1,
                false => usize::from(*byte == END[0]),
            };
            if matched == END.len() {
                return Phase::Request;
            }
        }
        Phase::Header(matched)
    }
}

/// A TCP stream with a deadline for headers, and its place among the connections.
pub struct HeaderDeadline {
    stream: TcpStream,
    timeouts: ConnectionTimeouts,
    phase: Phase,
    deadline: Pin<Box<Sleep>>,
    _place: OwnedSemaphorePermit,
}

impl HeaderDeadline {
    pub(super) fn new(stream: TcpStream, timeouts: ConnectionTimeouts, place: OwnedSemaphorePermit) -> Self {
        HeaderDeadline {
            stream,
            timeouts,
            phase: Phase::Header(0),
            deadline: Box::pin(sleep(timeouts.header)),
            _place: place,
        }
    }

    fn wait_for(&mut self, time: Duration) {
        self.deadline.as_mut().reset(Instant::now() + time);
    }
}

impl AsyncRead for HeaderDeadline {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.phase != Phase::Request && this.deadline.as_mut().poll(cx).is_ready() {
            metrics::counter!("gpet_http_header_timeouts_total").increment(1);
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(cx, buf))?;
        let was = this.phase;
        this.phase = was.after(&buf.filled()[before..]);
        match this.phase {
            Phase::Http2 => this.wait_for(this.timeouts.idle),
            Phase::Header(_) if was == Phase::Idle => this.wait_for(this.timeouts.header),
            _ => {}
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for HeaderDeadline {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        // "100 Continue" is no answer: the body is still to come.
        if !bytes.starts_with(b"HTTP/1.1 100") {
            if this.phase != Phase::Http2 {
                this.phase = Phase::Idle;
            }
            this.wait_for(this.timeouts.idle);
        }
        Pin::new(&mut this.stream).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_ends_at_its_blank_line_however_it_is_cut() {
        let text = b"GET / HTTP/1.1\r\nHost: x\r\r\n\r\n";
        for cut in 1..text.len() {
            let (left, right) = text.split_at(cut);
            assert_eq!(Phase::Idle.after(left).after(right), Phase::Request, "{cut}");
        }
        assert_ne!(
            Phase::Idle.after(b"GET / HTTP/1.1\r\nHost: x\r\n"),
            Phase::Request
        );
    }
}
