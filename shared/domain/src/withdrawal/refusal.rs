//! Why a request is refused. A reason added here has a code that `options` shows and an error that `request` answers.

use kernel::code::Code;
use kernel::error::Error;
use kernel::money::Money;
use serde_json::json;

kernel::numbered! {
    /// The code that a request would be refused with.
    pub enum RefusalCode: "code" {
        /// A phone number must be bound first.
        PhoneMissing = 2001,
        /// The month has had so much that an ID card is needed.
        IdCardMissing = 2002,
        /// The balance is too low.
        InsufficientAmount = 3002,
        /// The day has had its withdrawal.
        WithdrawnToday = 3003,
        /// The account is blocked, or has never logged in with WeChat.
        WithdrawalRefused = 3004,
    }
}

impl RefusalCode {
    /// The same among all codes.
    pub const fn code(self) -> Code {
        match self {
            RefusalCode::PhoneMissing => Code::PhoneMissing,
            RefusalCode::IdCardMissing => Code::IdCardMissing,
            RefusalCode::InsufficientAmount => Code::InsufficientAmount,
            RefusalCode::WithdrawnToday => Code::WithdrawnToday,
            RefusalCode::WithdrawalRefused => Code::WithdrawalRefused,
        }
    }
}

kernel::named! {
    /// Why an account cannot be paid; `data.reason` of 3004.
    pub enum Unpayable {
        /// It is blocked.
        Blocked = "blocked",
        /// It has never logged in with WeChat.
        NoWechat = "no_wechat",
    }
}

/// What stands against a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The balance is lower than the amount.
    Balance,
    /// No phone is bound.
    Phone,
    /// The account cannot be paid.
    Account(Unpayable),
    /// The month's requests would come to more than is allowed without an ID card.
    IdCard {
        /// What they come to without this one.
        month_used: Money,
        /// What is allowed.
        month_limit: Money,
    },
    /// The day has had its request.
    Today,
}

impl Refusal {
    /// The code for clients.
    pub fn code(self) -> RefusalCode {
        match self {
            Refusal::Balance => RefusalCode::InsufficientAmount,
            Refusal::Phone => RefusalCode::PhoneMissing,
            Refusal::Account(_) => RefusalCode::WithdrawalRefused,
            Refusal::IdCard { .. } => RefusalCode::IdCardMissing,
            Refusal::Today => RefusalCode::WithdrawnToday,
        }
    }

    /// A sentence for people.
    pub fn message(self) -> String {
        match self {
            Refusal::Balance => "the balance is too low".to_owned(),
            Refusal::Phone => "bind a phone number first".to_owned(),
            Refusal::Account(Unpayable::Blocked) => "this account is blocked".to_owned(),
            Refusal::Account(Unpayable::NoWechat) => {
                "log in with WeChat first: that is where the money goes".to_owned()
            }
            Refusal::IdCard { month_limit, .. } => {
                format!("above {month_limit} a month an ID card is needed")
            }
            Refusal::Today => "one withdrawal a day".to_owned(),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Error {
        let error = Error::new(refusal.code().code(), refusal.message());
        match refusal {
            Refusal::Account(reason) => error.with_data(json!({ "reason": reason })),
            Refusal::IdCard {
                month_used,
                month_limit,
            } => error.with_data(json!({ "month_used": month_used, "month_limit": month_limit })),
            Refusal::Balance | Refusal::Phone | Refusal::Today => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusals_number_is_its_codes() {
        for refusal in RefusalCode::ALL {
            assert_eq!(u16::try_from(refusal.number()).unwrap(), refusal.code().number());
        }
    }

    #[test]
    fn what_clients_read_beside_the_code() {
        let data = |refusal: Refusal| Error::from(refusal).data.map(|data| *data);
        assert_eq!(
            data(Refusal::Account(Unpayable::NoWechat)),
            Some(json!({"reason": "no_wechat"}))
        );
        let (month_used, month_limit) = (Money::from_fen(78_000), Money::from_fen(80_000));
        assert_eq!(
            data(Refusal::IdCard {
                month_used,
                month_limit
            }),
            Some(json!({"month_used": "780.00", "month_limit": "800.00"}))
        );
        assert_eq!(data(Refusal::Today), None);
    }
}
