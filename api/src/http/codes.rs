//! Which business codes an operation answers with: declared in the type of its answer, shown in the description.

use kernel::code::Code;

/// A set of codes, to stand in the type of an answer: `Answer<Withdrawal, { codes(&[Code::PhoneMissing]) }>`.
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
        Code::PartnerFailed => "a partner failed or did not answer",
        Code::Unauthenticated => "no token or signature, or one that does not allow this",
        Code::ParamsError => "bad input; `data.field` names it where one field is at fault",
        Code::ResourceNotFound => "no such thing, or it is somebody else's",
        Code::TokenExpired => "the token has expired",
        Code::DuplicateRequest => "done before, or being done",
        Code::TooManyRequests => "too many requests; Retry-After says when to come back",
        Code::ServiceUnavailable => "our fault, or a store is away",
        Code::NoRobotAvailable => "no robot is available",
        Code::MembersUnavailable => "the members cannot be read",
        Code::MessageNotSent => "the message was not sent",
        Code::PhoneMissing => "bind a phone first",
        Code::IdCardMissing => "put an ID card on file first",
        Code::SensitiveWord => "a word that is not allowed",
        Code::NotPossible => "this cannot be done as things stand",
        Code::SameTimeTaken => "there is one for this time",
        Code::ProfileComplete => "the profile is complete already",
        Code::VerifyCodeWrong => "the SMS code is wrong",
        Code::VerifyCodeExpired => "there is no valid SMS code (any more)",
        Code::PhoneTaken => "the phone belongs to another user",
        Code::SmsTooFrequent => "too many SMS; Retry-After says when to come back",
        Code::MailNotSent => "the mail was not sent",
        Code::WechatAuthError => "WeChat does not accept the code",
        Code::TransferFailed => "the transfer failed",
        Code::InsufficientAmount => "the balance is too low",
        Code::WithdrawnToday => "one withdrawal a day",
        Code::WithdrawalRefused => "this account cannot withdraw",
        Code::TransferSucceeded => "the transfer is done",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_what_was_put_in() {
        const SET: u64 = codes(&[Code::WithdrawalRefused, Code::PhoneMissing]);
        let found: Vec<u16> = members(SET).map(Code::number).collect();
        assert_eq!(found, [2001, 3004]);
        assert_eq!(members(codes(&Code::ALL)).count(), Code::ALL.len());
        assert_eq!(members(0).count(), 0);
    }
}
