//! What users tell of themselves.

use super::id_card::IdCard;
use super::phone::Phone;
use super::repo::users as repo;
use super::sms_code;
use kernel::Context;
use kernel::code::Code;
use kernel::error::{Error, Result};
use kernel::id::UserId;

/// Binds a phone, proven by a code. The code is used up even where the phone turns out to be taken.
///
/// # Errors
/// 2301 or 2302 when the code is wrong or void, 2303 when the phone is another user's; 503 when a store is away.
pub async fn bind_phone(context: &Context, user: UserId, phone: &Phone, code: &str) -> Result<()> {
    sms_code::redeem(context, phone, code).await?;
    match repo::put_phone(context.db.autocommit(), user, phone.as_str(), context.clock.now()).await? {
        true => Ok(()),
        false => Err(Error::new(
            Code::PhoneTaken,
            "the phone belongs to another account",
        )),
    }
}

/// Puts the ID card on file, sealed; only support can change it afterwards.
///
/// # Errors
/// 1403 naming `name` or `id_number`, 2004 when there is one on file.
pub async fn file_id_card(context: &Context, user: UserId, name: &str, number: &str) -> Result<()> {
    let card = IdCard::new(name, number, context.clock.today().date())?;
    let sealed = card.sealed_for(&context.data_keys()?, user)?;
    match repo::put_id_card(context.db.autocommit(), user, sealed, context.clock.now()).await? {
        true => Ok(()),
        false => Err(Error::new(
            Code::NotPossible,
            "an ID card is on file already, support can change it",
        )),
    }
}
