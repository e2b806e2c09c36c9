//! One person, one user: the row a robot made and the row a WeChat login made become one.

use super::id_card;
use super::link_token::Link;
use super::model::User;
use super::repo::{joining as repo, users};
use super::token::WechatIds;
use crate::ledger;
use crate::notice;
use crate::referral;
use chrono::{DateTime, Utc};
use kernel::Context;
use kernel::code::Code;
use kernel::error::{Error, Result};
use kernel::id::UserId;
use kernel::outbox;
use sea_orm::DatabaseTransaction;

/// Joins the row of a WeChat login with the row a link names, and gives the person a master if they were sent. A link
/// joins once; whom it joined hears the same again.
///
/// # Errors
/// 1403 naming `link_token` when the link has run out or joined somebody else; 2200 when the chat row has a WeChat account
/// already, or both rows have chat codes; 1404 when either is gone; 2004 when the WeChat row's wallet holds something.
pub async fn join_accounts(context: &Context, caller: UserId, ids: &WechatIds, link: &Link) -> Result<User> {
    let now = context.clock.now();
    let transaction = context.db.begin().await?;
    referral::serialise(&transaction).await?;
    if let Some(user) = repo::joined_by_link(&transaction, link.id).await? {
        let user = users::by_id(&transaction, user).await?;
        if let Some(user) = user.filter(|user| user.union_id.as_ref() == Some(&ids.union_id)) {
            return Ok(user);
        }
    }
    link.check_age(now)?;
    let rows = users::lock(&transaction, [caller, link.user]).await?;
    let find = |id| {
        rows.iter()
            .find(|user| user.id == id)
            .ok_or_else(|| Error::not_found("user"))
    };
    let (guest, user) = (find(caller)?, find(link.user)?);
    if user.union_id.is_some() || guest.code.is_some() {
        return Err(Error::new(
            Code::ProfileComplete,
            "the profile is complete already",
        ));
    }
    if !repo::use_link(&transaction, link.id, user.id, now).await? {
        return Err(Error::params(
            "link_token",
            "has been used, ask the robot for a new link",
        ));
    }
    // Joining moves no money: an income of the guest's own would be lost with the row.
    if !ledger::wallet_is_untouched(&transaction, guest.id).await? {
        let message = "the WeChat account has an income of its own, support can help";
        return Err(Error::new(Code::NotPossible, message));
    }
    let keys = context.data_keys()?;
    let reseal = |card: Vec<u8>| id_card::handed_over(&keys, guest.id, user.id, &card);
    repo::merge(&transaction, reseal, guest.id, user.id, now).await?;
    let former = referral::hand_over(&transaction, guest.id, user.id).await?;
    let sharer = repo::sharer(&transaction, &ids.union_id).await?;
    invite(&transaction, user.id, sharer.or(former), now).await?;
    let user = users::by_id(&transaction, user.id).await?;
    transaction.commit().await?;
    user.ok_or_else(|| Error::not_found("user"))
}

/// Writes down the master, and lets them know.
async fn invite(
    transaction: &DatabaseTransaction,
    user: UserId,
    master: Option<UserId>,
    now: DateTime<Utc>,
) -> Result<()> {
    // Somebody who stands below the user cannot have invited them: then nobody did.
    let set = match referral::set_master(transaction, user, master, now).await {
        Err(error) if error.code == Code::ParamsError => {
            referral::set_master(transaction, user, None, now).await?;
            false
        }
        set => set?,
    };
    let Some(master) = master.filter(|_| set) else {
        return Ok(());
    };
    if let Some(known) = repo::got_disciple(transaction, master, now).await? {
        let text = notice::text::new_disciple();
        let message = notice::say(&known.robot_code, &known.user_code, text)?;
        outbox::push(transaction, now, vec![message]).await?;
    }
    Ok(())
}
