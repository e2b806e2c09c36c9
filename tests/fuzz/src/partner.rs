//! A partner on this machine that answers what it is told to, over a real connection that is kept.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};

/// Statuses of answers.
const STATUSES: [u16; 6] = [200, 400, 404, 429, 500, 302];

/// One answer.
#[derive(Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Lines, each with its end.
    pub headers: String,
    /// Whatever it is.
    pub body: Vec<u8>,
}

impl Answer {
    /// With one of the statuses, `0` being 200.
    pub fn new(status: u8, body: &[u8]) -> Self {
        let place = usize::from(crate::rules::choice(status, STATUSES.len() as u8));
        Answer {
            status: STATUSES[place],
            headers: String::new(),
            body: body.to_vec(),
        }
    }
}

/// The partner and the runtime it lives in. It lives for as long as the process.
pub struct Partner {
    /// Where it is.
    pub base: String,
    runtime: Runtime,
    script: Arc<Mutex<VecDeque<Answer>>>,
}

impl Partner {
    /// Opens.
    pub fn open() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let script = Arc::new(Mutex::new(VecDeque::new()));
        let told = script.clone();
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, told.clone()));
            }
        });
        Partner {
            base,
            runtime,
            script,
        }
    }

    /// What comes of a call when it answers this, the last of it to all that is asked further.
    pub fn answering<T>(&self, answers: Vec<Answer>, call: impl Future<Output = T>) -> T {
        *self.script.lock().unwrap_or_else(PoisonError::into_inner) = answers.into();
        self.runtime.block_on(call)
    }
}

async fn serve(mut stream: TcpStream, script: Arc<Mutex<VecDeque<Answer>>>) {
    let _ = stream.set_nodelay(true);
    while let Some(()) = asked(&mut stream).await {
        let answer = {
            let mut script = script.lock().unwrap_or_else(PoisonError::into_inner);
            match script.len() {
                0 | 1 => script.front().cloned(),
                _ => script.pop_front(),
            }
        };
        let Some(Answer {
            status,
            headers,
            body,
        }) = answer
        else {
            return;
        };
        let length = body.len();
        let mut whole =
            format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\n{headers}\r\n").into_bytes();
        whole.extend(body);
        if stream.write_all(&whole).await.is_err() {
            return;
        }
    }
}

/// Reads one request; none when the caller has gone.
async fn asked(stream: &mut TcpStream) -> Option<()> {
    let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let count = stream.read(&mut buffer).await.ok().filter(|count| *count > 0)?;
        request.extend_from_slice(&buffer[..count]);
        let end = request.windows(4).position(|bytes| bytes == b"\r\n\r\n");
        let Some(end) = end else {
            continue;
        };
        let head = String::from_utf8_lossy(&request[..end]).to_ascii_lowercase();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok())
            .unwrap_or(0);
        if request.len() >= end + 4 + length {
            return Some(());
        }
    }
}
