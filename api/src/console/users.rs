//! Users, as operators see them.

use super::Area;
use crate::edge::Edge;
use crate::http::auth::ConsoleOperator;
use crate::http::body::Body;
use crate::http::codes::codes;
use crate::http::envelope::{Answer, PageOf, answer, paged};
use crate::http::paging::Paging;
use domain::identity::role::Permission;
use domain::identity::{self, User, UserFilter, UserStatus};
use domain::withdrawal;
use kernel::clock::BusinessDate;
use kernel::code::Code;
use kernel::id::UserId;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};

pub struct UsersApi;

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
            code: code.0,
            channel: channel.0,
            nickname: nickname.0,
            status: status.0,
            created_from: created_from.0,
            created_to: created_to.0,
        };
        paged(identity::list(edge.db.read(), &filter, page.0).await?)
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
