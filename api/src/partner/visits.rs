//! How often addresses come within a window of time.

use kernel::Error;
use kernel::code::Code;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Addresses that are told apart within a window; further ones share one count.
const MOST_ADDRESSES: usize = 50_000;

/// Counts of the current window.
pub(super) struct Visits {
    length: Duration,
    window: Mutex<Option<Window>>,
}

struct Window {
    since: Instant,
    visits: HashMap<IpAddr, u32>,
}

impl Visits {
    /// Windows of this length.
    pub(super) fn within(length: Duration) -> Self {
        Visits {
            length,
            window: Mutex::new(None),
        }
    }

    /// Counts a visit.
    ///
    /// # Errors
    /// 1429 when the address came more often than `most`, with the seconds until the window is over.
    pub(super) fn charge(&self, address: IpAddr, most: u32, now: Instant) -> kernel::Result<()> {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        window.take_if(|window| now.duration_since(window.since) >= self.length);
        let Window { since, visits } = window.get_or_insert_with(|| Window {
            since: now,
            visits: HashMap::new(),
        });
        let home = home(address);
        let known = visits.len() < MOST_ADDRESSES || visits.contains_key(&home);
        let count = visits
            .entry(if known { home } else { Ipv6Addr::UNSPECIFIED.into() })
            .or_default();
        *count = count.saturating_add(1);
        if *count <= most {
            return Ok(());
        }
        let code = Code::TooManyRequests;
        metrics::counter!("gpet_limits_refused_total", "code" => code.number().to_string()).increment(1);
        let left = self.length.saturating_sub(now.duration_since(*since));
        let seconds = left.as_millis().div_ceil(1000).max(1);
        Err(Error::too_many(code, u32::try_from(seconds).unwrap_or(u32::MAX)))
    }
}

/// Whom an address belongs to: of IPv6 a household has a whole /64.
fn home(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let prefix = address.to_bits() >> 64 << 64;
            Ipv6Addr::from_bits(prefix).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_cannot_use_up_what_others_have() {
        let (visits, now) = (Visits::within(Duration::from_secs(60)), Instant::now());
        let (loud, quiet) = ([203, 0, 113, 9].into(), [203, 0, 113, 10].into());
        for _ in 0..200 {
            visits.charge(loud, 200, now).unwrap();
        }
        let refused = visits
            .charge(loud, 200, now + Duration::from_secs(20))
            .unwrap_err();
        assert_eq!(
            (refused.code, refused.retry_after),
            (Code::TooManyRequests, Some(40))
        );
        assert!(visits.charge(quiet, 200, now).is_ok());
        assert!(visits.charge(loud, 200, now + Duration::from_secs(60)).is_ok());
    }

    #[test]
    fn many_addresses_do_not_fill_the_memory() {
        let (visits, now) = (Visits::within(Duration::from_secs(60)), Instant::now());
        let address = |number: u32| IpAddr::from(number.to_be_bytes());
        for number in 0..MOST_ADDRESSES as u32 + 5 {
            visits.charge(address(number), 5, now).unwrap();
        }
        assert!(
            visits.charge(address(u32::MAX), 5, now).is_err(),
            "newcomers share"
        );
        assert!(
            visits.charge(address(1), 5, now).is_ok(),
            "who was there does not"
        );
        let known = visits
            .window
            .lock()
            .unwrap()
            .as_ref()
            .map(|window| window.visits.len());
        assert_eq!(known, Some(MOST_ADDRESSES + 1));
    }

    #[test]
    fn a_household_of_ipv6_is_one() {
        let home = |text: &str| home(text.parse().unwrap()).to_string();
        assert_eq!(home("2001:db8:1:2:3:4:5:6"), home("2001:db8:1:2:ffff::1"));
        assert_ne!(home("2001:db8:1:2::1"), home("2001:db8:1:3::1"));
        assert_eq!(home("203.0.113.9"), "203.0.113.9");
    }
}
