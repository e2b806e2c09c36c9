//! Signatures of partners' calls: only the right one is taken, and no refusal tells the secret.

use api::http::signed::{Said, legacy_signed};
use kernel::crypto;

use crate::rules::{hides, now, refused, whole};

const SECRET: &str = "a secret of forty characters, or so it is";
const MD5_KEY: &str = "the key of the legacy signature";
/// Seconds a partner's clock may be off.
const WINDOW: u64 = 300;

/// In lines: time, nonce, method, target, signature; what follows is the body.
pub fn of_partner(data: &[u8]) {
    let mut lines = data.splitn(6, |byte| *byte == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let text = |line: &[u8]| String::from_utf8_lossy(line).into_owned();
    let (timestamp, nonce, method, target) = (text(line()), text(line()), text(line()), text(line()));
    let (sign, body) = (text(line()), line());
    let said = Said {
        timestamp: &timestamp,
        nonce: &nonce,
        method: &method,
        target: &target,
        body,
    };
    let now = now().timestamp();
    let right = said.sign(SECRET);
    let in_time = timestamp
        .parse::<i64>()
        .is_ok_and(|sent| sent.abs_diff(now) <= WINDOW);
    assert_eq!(said.check(SECRET, &right, now).is_ok(), in_time);
    match said.check(SECRET, &sign, now) {
        Ok(()) => assert!(in_time && sign.eq_ignore_ascii_case(&right)),
        Err(error) => {
            assert_eq!(error.http_status(), 401);
            hides(&error, SECRET);
            hides(&error, &right);
        }
    }
    legacy(data);
    legacy(body);
}

fn legacy(body: &[u8]) {
    if let Err(error) = legacy_signed(MD5_KEY, body) {
        hides(&error, MD5_KEY);
        return refused(&error);
    }
    let Some(body) = whole(body) else {
        return;
    };
    let timestamp = body["timestamp"].as_str().map(str::to_owned);
    let timestamp = timestamp.unwrap_or_else(|| body["timestamp"].to_string());
    assert_eq!(body["sign"], crypto::md5_hex(&format!("{timestamp}#{MD5_KEY}")));
}
