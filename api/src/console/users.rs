//! Users, as operators see them.

use super::Area;
use crate::edge::Edge;
use crate::http::auth::ConsoleOperator;
use crate::http::body::Body;
use crate::http::chat_code::optional_code;
use crate::http::codes::codes;
use crate::http::envelope::{Answer, PageOf, answer, paged};
use crate::http::paging::Paging;
use domain::identity::Permission;
use domain::identity::{self, Level, User, UserFilter, UserStatus};
use domain::ledger::{self, Wallet};
use domain::referral::{self, DiscipleCounts};
use domain::robot::{self, AccessEntry, Acquaintance};
use domain::withdrawal::{self, ConsoleFilters, ConsoleWithdrawal};
use kernel::Error;
use kernel::clock::BusinessDate;
use kernel::code::Code;
use kernel::id::UserId;
use kernel::page::Page;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};

pub struct UsersApi;

/// How many rows of a kind come with a user.
const NEWEST: u32 = 20;

/// A user with what hangs on them.
#[derive(Object)]
struct UserDetail {
    #[oai(flatten)]
    user: User,
    wallet: Option<Wallet>,
    /// Master and grand-master, nearest first.
    above: Vec<User>,
    /// How many they invited.
    disciples: i64,
    /// How many those invited.
    grand_disciples: i64,
    /// What they came with before they had an account.
    access: Option<AccessEntry>,
    /// The robots they befriended last.
    robots: Vec<Acquaintance>,
    /// Their newest withdrawals.
    withdrawals: Vec<ConsoleWithdrawal>,
}

#[derive(Object)]
struct Blocking {
    /// Why; kept in the audit trail.
    #[oai(validator(min_length = 1, max_length = 500))]
    reason: String,
}

#[OpenApi(prefix_path = "/api/console/users", tag = "Area::Users")]
impl UsersApi {
    /// List users, newest first
    ///
    /// Deleted ones are left out.
    #[oai(path = "/", method = "get", operation_id = "listUsers")]
    #[allow(clippy::too_many_arguments)] // one a query parameter
    async fn list(
        &self,
        edge: Data<&Edge>,
        operator: ConsoleOperator,
        /// The whole number.
        phone: Query<Option<String>>,
        /// With this code.
        code: Query<Option<String>>,
        /// Of exactly this channel.
        channel: Query<Option<String>>,
        /// Whose name begins so.
        nickname: Query<Option<String>>,
        /// In this status.
        status: Query<Option<UserStatus>>,
        /// Who came on this date or later.
        created_from: Query<Option<BusinessDate>>,
        /// Who came on this date or before.
        created_to: Query<Option<BusinessDate>>,
        page: Paging,
    ) -> PageOf<Vec<User>> {
        operator.must(Permission::Read)?;
        let filter = UserFilter {
            phone: phone.0,
            code: optional_code("code", code.0)?,
            channel: channel.0,
            nickname: nickname.0,
            status: status.0,
            created_from: created_from.0,
            created_to: created_to.0,
        };
        paged(identity::list(edge.db.read(), &filter, page.0).await?)
    }

    /// One user
    ///
    /// With their wallet, who stands above them, and what is newest of the rest. Their groups are found in the list of
    /// groups by their code.
    #[oai(path = "/:id", method = "get", operation_id = "getUser")]
    async fn get(
        &self,
        edge: Data<&Edge>,
        operator: ConsoleOperator,
        /// Which one.
        id: Path<UserId>,
    ) -> Answer<UserDetail, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::Read)?;
        let (conn, id) = (edge.db.read(), id.0);
        let user = identity::by_id(conn, id)
            .await?
            .ok_or_else(|| Error::not_found("user"))?;
        let access = match &user.union_id {
            Some(union_id) => robot::access_of(conn, union_id).await?,
            None => None,
        };
        let DiscipleCounts {
            disciples,
            grand_disciples,
        } = referral::disciple_counts(conn, id).await?;
        let theirs = ConsoleFilters {
            user: Some(id),
            ..ConsoleFilters::default()
        };
        let newest = Page::new(None, Some(NEWEST), NEWEST)?;
        answer(UserDetail {
            wallet: ledger::wallet(conn, id).await?,
            above: identity::chain_above(conn, id).await?,
            disciples,
            grand_disciples,
            access,
            robots: robot::acquaintances(conn, id, NEWEST.into()).await?,
            withdrawals: withdrawal::list_for_console(edge.context(), &theirs, newest)
                .await?
                .rows,
            user,
        })
    }

    /// List whom a user invited, newest first
    ///
    /// Or whom those invited.
    #[oai(path = "/:id/referrals", method = "get", operation_id = "listReferrals")]
    async fn referrals(
        &self,
        edge: Data<&Edge>,
        operator: ConsoleOperator,
        /// Of whom.
        id: Path<UserId>,
        /// How far below; 1 when left out.
        level: Query<Option<Level>>,
        page: Paging,
    ) -> PageOf<Vec<User>> {
        operator.must(Permission::Read)?;
        let level = level.0.unwrap_or(Level::Disciples);
        paged(identity::disciples(edge.db.read(), id.0, level, page.0).await?)
    }

    /// Block a user
    ///
    /// Withdrawals that wait are refused with the same reason.
    #[oai(path = "/:id/block", method = "post", operation_id = "blockUser")]
    async fn block(
        &self,
        edge: Data<&Edge>,
        operator: ConsoleOperator,
        /// Which one.
        id: Path<UserId>,
        body: Body<Blocking>,
    ) -> Answer<User, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::BlockUsers)?;
        let transaction = edge.db.begin().await?;
        let now = edge.clock.now();
        let user = identity::block(&transaction, operator.id, id.0, &body.0.reason, now).await?;
        withdrawal::reject_pending_of(edge.context(), &transaction, id.0, &body.0.reason).await?;
        transaction.commit().await.map_err(kernel::Error::from)?;
        answer(user)
    }

    /// Let a blocked user go again
    ///
    /// They may withdraw and bring groups from now on; what was refused meanwhile stays refused.
    #[oai(path = "/:id/unblock", method = "post", operation_id = "unblockUser")]
    async fn unblock(
        &self,
        edge: Data<&Edge>,
        operator: ConsoleOperator,
        /// Which one.
        id: Path<UserId>,
        body: Body<Blocking>,
    ) -> Answer<User, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::BlockUsers)?;
        answer(identity::unblock(edge.context(), operator.id, id.0, &body.0.reason).await?)
    }
}
