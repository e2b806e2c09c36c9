//! The body of `/settlement`: what is accepted can be settled, and says the same when it is written out again.

use api::partner::DayOfAds;
use kernel::external::is_code;
use kernel::money::Money;
use rust_decimal::Decimal;

use crate::rules::refused;

/// The most that one group's ads bring on a date, yuan.
const LARGEST: i64 = 1_000_000;

/// A body.
pub fn body(data: &[u8]) {
    let day = match DayOfAds::read(data) {
        Ok(day) => day,
        Err(error) => return refused(&error),
    };
    for revenue in &day.revenues {
        let (code, amount) = (&revenue.group_code, revenue.amount);
        assert!(is_code(code), "{code:?}");
        assert!(!amount.is_sign_negative(), "{amount}");
        assert!(
            amount <= Decimal::from(LARGEST) && amount.scale() <= 4,
            "{amount}"
        );
        assert!(Money::from_decimal(amount.trunc()).is_ok(), "{amount}");
    }
    let written = |(code, amount): (&str, String)| format!("{}:{amount}", serde_json::json!(code));
    let revenues = || day.revenues.iter();
    let entries: Vec<String> = revenues()
        .map(|revenue| written((&revenue.group_code, revenue.amount.to_string())))
        .collect();
    let again = format!(
        r#"{{"settle_date":"{}","data":{{{}}}}}"#,
        day.settle_date,
        entries.join(",")
    );
    let again = DayOfAds::read(again.as_bytes()).unwrap();
    assert_eq!(again.settle_date, day.settle_date);
    let said = |day: &DayOfAds| -> Vec<(String, Decimal)> {
        let revenues = day.revenues.iter();
        revenues
            .map(|revenue| (revenue.group_code.clone(), revenue.amount))
            .collect()
    };
    assert_eq!(said(&again), said(&day));
}
