//! Amounts as texts: what is read is shown and read again as the same, fits its column, and adds up.

use kernel::money::{Money, Share};

use crate::rules::refused;

/// One fen more no NUMERIC(14,2) holds.
const LARGEST: i64 = 99_999_999_999_999;

/// One amount, or two with a space between.
pub fn text(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let (one, other) = text.split_once(' ').unwrap_or((text, "0"));
    let (one, other) = (money(one).zip(money(other)), share(one).zip(share(other)));
    if let Some((one, other)) = one {
        adds_up(one, other);
    }
    if let Some((one, other)) = other {
        let sum = one.decimal() + other.decimal();
        assert_eq!(sum - other.decimal(), one.decimal());
    }
}

fn money(text: &str) -> Option<Money> {
    let money: Money = text.parse().map_err(|error| refused(&error)).ok()?;
    let shown = money.to_string();
    assert_eq!(shown.parse::<Money>().unwrap(), money);
    assert_eq!(shown.rsplit_once('.').map(|(_, places)| places.len()), Some(2));
    assert_eq!(money.to_string().parse::<Money>().unwrap().to_string(), shown);
    assert_ne!(shown, "-0.00");
    let fen = money.fen().unwrap();
    assert!(fen.abs() <= LARGEST, "{money}");
    assert_eq!((Money::from_fen(fen), money.decimal().scale()), (money, 2));
    assert_eq!(
        (fen > 0, fen.abs()),
        (money.is_positive(), money.abs().fen().unwrap())
    );
    let json = serde_json::to_string(&money).unwrap();
    assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), money);
    Some(money)
}

fn adds_up(one: Money, other: Money) {
    let fen = one.fen().unwrap() + other.fen().unwrap();
    let sum = one.checked_add(other);
    assert_eq!(sum.is_ok(), fen.abs() <= LARGEST, "{one} + {other}");
    if let Ok(sum) = sum {
        assert_eq!(sum, Money::from_fen(fen));
        assert_eq!(sum, [one, other].into_iter().sum::<Money>());
        assert_eq!(Some(sum), other.checked_add(one).ok());
        assert_eq!(one < sum, other.is_positive());
    }
}

fn share(text: &str) -> Option<Share> {
    let share: Share = text.parse().map_err(|error| refused(&error)).ok()?;
    let shown = share.to_string();
    assert_eq!(shown.parse::<Share>().unwrap(), share);
    assert_eq!(shown.rsplit_once('.').map(|(_, places)| places.len()), Some(6));
    assert_eq!(Share::round(share.decimal()), share);
    Some(share)
}
