//! The wall clock of the partners, in their zone (UTC+8).

use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};

/// Seconds that Asia/Shanghai is ahead of UTC.
const SHANGHAI: i32 = 8 * 3600;

/// Now, as a partner's server sees it. Partners live outside the product, so their time is real time.
#[allow(clippy::disallowed_methods)]
pub fn now() -> DateTime<FixedOffset> {
    let zone = FixedOffset::east_opt(SHANGHAI).expect("eight hours is a valid offset");
    Utc::now().with_timezone(&zone)
}

/// The form WeChat Pay writes: `2026-03-01T10:20:30+08:00`.
pub fn rfc3339(at: DateTime<FixedOffset>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, false)
}
