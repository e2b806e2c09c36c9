//! The numeric business codes. Clients know them: a code is never reused.

/// What happened, as a number for clients. Each maps to one HTTP status; an [`Error`](super::error::Error) may narrow it.
/// Clients know the reserved ones too, from before: nothing answers them today, and they must not mean anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum Code {
    /// It is done.
    ServiceSuccess = 1200,
    /// A partner failed or did not answer.
    PartnerFailed = 1101,
    /// There is no token or signature, or it does not allow this.
    Unauthenticated = 1401,
    /// An input is wrong; `data.field` names it.
    ParamsError = 1403,
    /// There is no such thing, or it is somebody else's.
    ResourceNotFound = 1404,
    /// The token was good and has run out.
    TokenExpired = 1406,
    /// It was done before, is being done, or comes too late.
    DuplicateRequest = 1409,
    /// A limit is used up; Retry-After says until when.
    TooManyRequests = 1429,
    /// Our fault, or with HTTP 503 a store is away.
    ServiceUnavailable = 1500,
    /// There is no robot to offer; `data.reason` says why.
    NoRobotAvailable = 1600,
    /// Reserved: the members of a group cannot be read.
    MembersUnavailable = 1601,
    /// Reserved: a message could not be sent.
    MessageNotSent = 1602,
    /// A phone must be bound first.
    PhoneMissing = 2001,
    /// An ID card must be on file first.
    IdCardMissing = 2002,
    /// Reserved: a text has a word that is not allowed.
    SensitiveWord = 2003,
    /// It cannot be done as things stand.
    NotPossible = 2004,
    /// Reserved: there is one for this time already.
    SameTimeTaken = 2005,
    /// The accounts to join are joined already.
    ProfileComplete = 2200,
    /// The SMS code is another.
    VerifyCodeWrong = 2301,
    /// There is no SMS code to compare with (any more).
    VerifyCodeExpired = 2302,
    /// The phone belongs to another user.
    PhoneTaken = 2303,
    /// The phone was sent too many codes.
    SmsTooFrequent = 2304,
    /// Reserved: a mail could not be sent.
    MailNotSent = 2401,
    /// WeChat does not accept the code of a login.
    WechatAuthError = 2501,
    /// Reserved: a transfer failed.
    TransferFailed = 3001,
    /// The balance is too low.
    InsufficientAmount = 3002,
    /// The day has had its withdrawal.
    WithdrawnToday = 3003,
    /// The account cannot withdraw; `data.reason` says why.
    WithdrawalRefused = 3004,
    /// Reserved: a transfer is done.
    TransferSucceeded = 3200,
}

impl Code {
    /// Every code, for documentation and tests.
    pub const ALL: [Code; 29] = [
        Code::ServiceSuccess,
        Code::PartnerFailed,
        Code::Unauthenticated,
        Code::ParamsError,
        Code::ResourceNotFound,
        Code::TokenExpired,
        Code::DuplicateRequest,
        Code::TooManyRequests,
        Code::ServiceUnavailable,
        Code::NoRobotAvailable,
        Code::MembersUnavailable,
        Code::MessageNotSent,
        Code::PhoneMissing,
        Code::IdCardMissing,
        Code::SensitiveWord,
        Code::NotPossible,
        Code::SameTimeTaken,
        Code::ProfileComplete,
        Code::VerifyCodeWrong,
        Code::VerifyCodeExpired,
        Code::PhoneTaken,
        Code::SmsTooFrequent,
        Code::MailNotSent,
        Code::WechatAuthError,
        Code::TransferFailed,
        Code::InsufficientAmount,
        Code::WithdrawnToday,
        Code::WithdrawalRefused,
        Code::TransferSucceeded,
    ];

    /// The number clients see.
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// The HTTP status that goes with the code unless the error narrows it.
    pub const fn status(self) -> u16 {
        match self {
            Code::ServiceSuccess | Code::ProfileComplete | Code::TransferSucceeded => 200,
            Code::ParamsError => 400,
            Code::Unauthenticated | Code::TokenExpired | Code::WechatAuthError => 401,
            Code::ResourceNotFound => 404,
            Code::DuplicateRequest
            | Code::NoRobotAvailable
            | Code::PhoneMissing
            | Code::IdCardMissing
            | Code::NotPossible
            | Code::SameTimeTaken
            | Code::PhoneTaken
            | Code::WithdrawalRefused
            | Code::InsufficientAmount
            | Code::WithdrawnToday => 409,
            Code::SensitiveWord | Code::VerifyCodeWrong | Code::VerifyCodeExpired => 422,
            Code::TooManyRequests | Code::SmsTooFrequent => 429,
            Code::ServiceUnavailable => 500,
            Code::PartnerFailed
            | Code::MembersUnavailable
            | Code::MessageNotSent
            | Code::MailNotSent
            | Code::TransferFailed => 502,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn numbers_are_unique_and_statuses_are_http() {
        let numbers: HashSet<u16> = Code::ALL.iter().map(|code| code.number()).collect();
        assert_eq!(numbers.len(), Code::ALL.len());
        assert!(Code::ALL.iter().all(|code| (200..600).contains(&code.status())));
    }

    #[test]
    fn only_the_three_successes_are_200() {
        let ok: Vec<u16> = Code::ALL
            .iter()
            .filter(|c| c.status() == 200)
            .map(|c| c.number())
            .collect();
        assert_eq!(ok, [1200, 2200, 3200]);
    }
}
