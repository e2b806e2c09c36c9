//! The log of what every partner received.

use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use crate::script::Partner;

/// One call that arrived.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Received {
    /// Position in the log, from 1.
    pub seq: u64,
    /// Who was called.
    pub partner: Partner,
    /// Name of the endpoint.
    pub endpoint: String,
    /// HTTP method.
    pub method: String,
    /// Path and query as the caller wrote them.
    pub path: String,
    /// Body as text.
    pub body: String,
    /// When, RFC 3339.
    pub at: String,
    /// HTTP status answered; none while in progress or when the connection was dropped.
    pub status: Option<u16>,
}

/// The log itself.
#[derive(Default)]
pub struct ReceivedLog {
    calls: Mutex<Vec<Received>>,
}

impl ReceivedLog {
    /// Notes a call; answers its number.
    pub fn note(&self, partner: Partner, endpoint: &str, method: &str, path: &str, body: &[u8]) -> u64 {
        let mut calls = self.lock();
        let seq = calls.last().map_or(1, |last| last.seq + 1);
        calls.push(Received {
            seq,
            partner,
            endpoint: endpoint.into(),
            method: method.into(),
            path: path.into(),
            body: String::from_utf8_lossy(body).into_owned(),
            at: crate::clock::now().to_rfc3339(),
            status: None,
        });
        seq
    }

    /// Notes the answer to call `seq`.
    pub fn answered(&self, seq: u64, status: u16) {
        let mut calls = self.lock();
        if let Ok(index) = calls.binary_search_by_key(&seq, |call| call.seq) {
            calls[index].status = Some(status);
        }
    }

    /// Calls with a number above `since`, narrowed to a partner and an endpoint.
    pub fn list(&self, partner: Option<Partner>, endpoint: Option<&str>, since: u64) -> Vec<Received> {
        self.lock()
            .iter()
            .filter(|call| call.seq > since)
            .filter(|call| partner.is_none_or(|wanted| wanted == call.partner))
            .filter(|call| endpoint.is_none_or(|wanted| wanted == call.endpoint))
            .cloned()
            .collect()
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Received>> {
        self.calls.lock().expect("no holder of this lock panics")
    }
}
