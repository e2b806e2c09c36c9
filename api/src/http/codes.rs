//! Which business codes an operation answers with: declared in the type of its answer, shown in the description.

use kernel::code::Code;

/// A set of codes, to stand in the type of an answer: `Answer<Withdrawal, { codes(&[Code::MissPhone]) }>`.
pub const fn codes(list: &[Code]) -> u64 {
    let (mut set, mut next) = (0, 0);
    while next < list.len() {
        let mut place = 0;
        while Code::ALL[place].number() != list[next].number() {
            place += 1;
        }
        set |= 1 << place;
        next += 1;
    }
    set
}

/// The codes of a set.
pub fn members(set: u64) -> impl Iterator<Item = Code> {
    (0..)
        .zip(Code::ALL)
        .filter_map(move |(place, code)| (set & (1 << place) != 0).then_some(code))
}

/// What a code means, for people.
pub const fn meaning(code: Code) -> &'static str {
    match code {
        Code::ServiceSuccess => "done",
        Code::ExternalInterface => "a partner failed or did not answer",
        Code::Unauthenticate => "no token or signature, or one that does not allow this",
        Code::ParamsError => "bad input; `data.field` names it where one field is at fault",
        Code::ResourceNotFound => "no such thing, or it is somebody else's",
        Code::UnauthenticateExpired => "the token has expired",
        Code::DuplicateRequest => "done before, or being done",
        Code::TooManyRequests => "too many requests; Retry-After says when to come back",
        Code::ServiceUnavailable => "our fault, or a store is away",
        Code::RobotNotEnough => "no robot is available",
        Code::MemInfoFail => "the members cannot be read",
        Code::SendMsgFail => "the message was not sent",
        Code::MissPhone => "bind a phone first",
        Code::MissIdcard => "put an ID card on file first",
        Code::SensitiveWord => "a word that is not allowed",
        Code::CreatedFailed => "this cannot be done as things stand",
        Code::ExistsSameTimeCreated => "there is one for this time",
        Code::Complete => "the profile is complete already",
        Code::VerifyCodeWrong => "the SMS code is wrong",
        Code::VerifyCodeExpire => "there is no valid SMS code (any more)",
        Code::PhoneHasRegist => "the phone belongs to another user",
        Code::ShortMsgSendFrequently => "too many SMS; Retry-After says when to come back",
        Code::EmailMsgSendError => "the mail was not sent",
        Code::WechatAuthError => "WeChat does not accept the code",
        Code::TransferFailed => "the transfer failed",
        Code::InsufficientAmount => "the balance is too low",
        Code::RevokedToday => "one withdrawal a day",
        Code::WithdrawFailed => "this account cannot withdraw",
        Code::TransferSuccessed => "the transfer is done",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_what_was_put_in() {
        const SET: u64 = codes(&[Code::WithdrawFailed, Code::MissPhone]);
        let found: Vec<u16> = members(SET).map(Code::number).collect();
        assert_eq!(found, [2001, 3004]);
        assert_eq!(members(codes(&Code::ALL)).count(), Code::ALL.len());
        assert_eq!(members(0).count(), 0);
    }
}
