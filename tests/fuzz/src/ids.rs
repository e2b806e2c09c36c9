//! Ids, codes, dates, phones and bounded texts: what is read is written as it was read, and within its bounds.

use kernel::clock::{BusinessDate, parse_partner_time};
use kernel::external::LONGEST_CODE;
use kernel::external::{cut, index_key, is_code, reason, without_nul};
use kernel::id::{UserId, WithdrawalId};
use kernel::page::Page;
use transport::{GroupCode, InvalidCode, Network, RobotCode, UserCode};

use crate::rules::{refused, storable};

/// A text.
pub fn text(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    uuids(text);
    codes(text);
    times(text);
    texts(text);
    if let Ok(phone) = text.parse::<domain::identity::Phone>() {
        assert_eq!(phone.as_str(), text);
        assert!(!phone.to_string().contains(&text[3..7]) || phone.to_string() != text);
    }
    pages(text);
}

fn uuids(text: &str) {
    let (Ok(user), Ok(withdrawal)) = (text.parse::<UserId>(), text.parse::<WithdrawalId>()) else {
        return;
    };
    let shown = user.to_string();
    assert_eq!((shown.len(), shown.parse::<UserId>()), (36, Ok(user)));
    assert_eq!(shown, withdrawal.to_string());
    let json = serde_json::to_string(&user).unwrap();
    assert_eq!(serde_json::from_str::<UserId>(&json).unwrap(), user);
}

fn codes(text: &str) {
    macro_rules! code {
        ($code:ty) => {
            match text.parse::<$code>() {
                Ok(code) => {
                    assert_eq!(code.as_str(), text);
                    storable("a code", text, LONGEST_CODE);
                    assert!(is_code(text) && !text.contains(char::is_control));
                    assert_eq!(
                        <$code>::on(&code.network(), code.bare()).as_ref(),
                        Ok(&code)
                    );
                    let json = serde_json::to_string(&code).unwrap();
                    assert_eq!(serde_json::from_str::<$code>(&json).unwrap(), code);
                }
                Err(invalid) => refused(&invalid.in_field("code")),
            }
        };
    }
    code!(GroupCode);
    code!(RobotCode);
    code!(UserCode);
    let on = |network: &Network| GroupCode::on(network, text);
    if let Ok(code) = on(&"elsewhere".parse().unwrap()) {
        assert_eq!(code.as_str(), format!("elsewhere:{text}"));
        storable("a code", code.as_str(), LONGEST_CODE);
    }
    let ambiguous = text.starts_with("gateway:");
    assert_eq!(
        ambiguous && is_code(text) && !text.contains(char::is_control),
        matches!(on(&Network::gateway()), Err(InvalidCode::Ambiguous(_)))
    );
    match text.parse::<Network>() {
        Ok(network) => assert_eq!(network.as_str(), text),
        Err(error) => refused(&error),
    }
}

fn times(text: &str) {
    match text.parse::<BusinessDate>() {
        Ok(date) => {
            assert_eq!(date.to_string(), text);
            assert!(date.month_start() <= date && date < date.plus_days(1));
            assert_eq!(date.plus_days(1).minus_days(1), date);
            assert_eq!(BusinessDate::of(date.start()), date);
        }
        Err(error) => refused(&error),
    }
    if let Some(time) = parse_partner_time(text) {
        assert_eq!(parse_partner_time(&time.to_rfc3339()), Some(time));
        BusinessDate::of(time);
    }
}

fn texts(text: &str) {
    let reason = reason(text);
    storable("a reason", &reason, 2000);
    let name = cut(without_nul(text.to_owned()), 255);
    storable("a name", &name, 255);
    assert!(without_nul(text.to_owned()).starts_with(&name));
    let key = index_key(text.to_owned());
    assert!(key.len() <= 1024);
    assert!(key == text || text.len() > 1024);
}

fn pages(text: &str) {
    let mut numbers = text.split(',').map(|number| number.parse::<u32>().ok());
    let (current, size) = (numbers.next().flatten(), numbers.next().flatten());
    match Page::new(current, size, 200) {
        Ok(page) => {
            assert!((1..=200).contains(&page.limit()) && page.offset() >= 0);
            assert!(page.info(u64::MAX).total_page > 0);
        }
        Err(error) => refused(&error),
    }
}
