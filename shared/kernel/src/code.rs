//! The numeric business codes. Clients know them: a code is never reused.

/// What happened, as a number for clients. Each maps to one HTTP status; an [`Error`](super::error::Error) may narrow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u16)]
#[allow(missing_docs)] // the names are the documentation
pub enum Code {
    ServiceSuccess = 1200,
    ExternalInterface = 1101,
    Unauthenticate = 1401,
    ParamsError = 1403,
    ResourceNotFound = 1404,
    UnauthenticateExpired = 1406,
    DuplicateRequest = 1409,
    TooManyRequests = 1429,
    ServiceUnavailable = 1500,
    RobotNotEnough = 1600,
    MemInfoFail = 1601,
    SendMsgFail = 1602,
    MissPhone = 2001,
    MissIdcard = 2002,
    SensitiveWord = 2003,
    CreatedFailed = 2004,
    ExistsSameTimeCreated = 2005,
    Complete = 2200,
    VerifyCodeWrong = 2301,
    VerifyCodeExpire = 2302,
    PhoneHasRegist = 2303,
    ShortMsgSendFrequently = 2304,
    EmailMsgSendError = 2401,
    WechatAuthError = 2501,
    TransferFailed = 3001,
    InsufficientAmount = 3002,
    RevokedToday = 3003,
    WithdrawFailed = 3004,
    TransferSuccessed = 3200,
}

impl Code {
    /// Every code, for documentation and tests.
    pub const ALL: [Code; 29] = [
        Code::ServiceSuccess,
        Code::ExternalInterface,
        Code::Unauthenticate,
        Code::ParamsError,
        Code::ResourceNotFound,
        Code::UnauthenticateExpired,
        Code::DuplicateRequest,
        Code::TooManyRequests,
        Code::ServiceUnavailable,
        Code::RobotNotEnough,
        Code::MemInfoFail,
        Code::SendMsgFail,
        Code::MissPhone,
        Code::MissIdcard,
        Code::SensitiveWord,
        Code::CreatedFailed,
        Code::ExistsSameTimeCreated,
        Code::Complete,
        Code::VerifyCodeWrong,
        Code::VerifyCodeExpire,
        Code::PhoneHasRegist,
        Code::ShortMsgSendFrequently,
        Code::EmailMsgSendError,
        Code::WechatAuthError,
        Code::TransferFailed,
        Code::InsufficientAmount,
        Code::RevokedToday,
        Code::WithdrawFailed,
        Code::TransferSuccessed,
    ];

    /// The number clients see.
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// The HTTP status that goes with the code unless the error narrows it.
    pub const fn status(self) -> u16 {
        match self {
            Code::ServiceSuccess | Code::Complete | Code::TransferSuccessed => 200,
            Code::ParamsError => 400,
            Code::Unauthenticate | Code::UnauthenticateExpired | Code::WechatAuthError => 401,
            Code::ResourceNotFound => 404,
            Code::DuplicateRequest
            | Code::RobotNotEnough
            | Code::MissPhone
            | Code::MissIdcard
            | Code::CreatedFailed
            | Code::ExistsSameTimeCreated
            | Code::PhoneHasRegist
            | Code::WithdrawFailed
            | Code::InsufficientAmount
            | Code::RevokedToday => 409,
            Code::SensitiveWord | Code::VerifyCodeWrong | Code::VerifyCodeExpire => 422,
            Code::TooManyRequests | Code::ShortMsgSendFrequently => 429,
            Code::ServiceUnavailable => 500,
            Code::ExternalInterface
            | Code::MemInfoFail
            | Code::SendMsgFail
            | Code::EmailMsgSendError
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
