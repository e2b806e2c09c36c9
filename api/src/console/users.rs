//! Users, as operators see them.

use super::Area;
use crate::edge::Edge;
use crate::http::auth::ConsoleOperator;
use crate::http::body::Body;
use crate::http::chat_code::optional_code;
use crate::http::codes::codes;
use crate::http::envelope::{Answer, PageOf, answer, paged};
use crate::http::paging::Paging;
use chrono::{DateTime, Utc};
use domain::identity::model::{self, UserFilter};
use domain::identity::profile;
use domain::identity::role::Permission;
use domain::withdrawal::service as withdrawal;
use kernel::code::Code;
use kernel::id::UserId;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};

pub struct UsersApi;

/// A user, as operators see them.
#[derive(Object)]
struct ConsoleUser {
    id: UserId,
    /// Their id on the chat network.
    code: Option<String>,
    union_id: Option<String>,
    open_id: Option<String>,
    nickname: String,
    head_url: String,
    phone: Option<String>,
    channel: Option<String>,
    /// 1 normal, 2 blocked.
    status: i16,
    /// Whether an ID card is on file.
    has_id_card: bool,
    created_at: DateTime<Utc>,
}

#[derive(Object)]
struct Blocking {
    /// Why; kept in the audit trail.
    #[oai(validator(min_length = 1, max_length = 500))]
    reason: String,
}

impl From<model::User> for ConsoleUser {
    fn from(user: model::User) -> Self {
        ConsoleUser {
            id: user.id,
            code: user.code.map(|code| code.to_string()),
            union_id: user.union_id,
            open_id: user.open_id,
            nickname: user.nickname,
            head_url: user.head_url,
            phone: user.phone,
            channel: user.channel,
            status: user.status,
            has_id_card: user.has_id_card,
            created_at: user.created_at,
        }
    }
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
        /// 1 normal, 2 blocked.
        status: Query<Option<i16>>,
        page: Paging,
    ) -> PageOf<Vec<ConsoleUser>> {
        operator.must(Permission::Read)?;
        let filter = UserFilter {
            phone: phone.0,
            code: optional_code("code", code.0)?,
            status: status.0,
        };
        paged(profile::list(edge.db.read(), &filter, page.0).await?)
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
    ) -> Answer<ConsoleUser, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::BlockUsers)?;
        let transaction = edge.db.begin().await?;
        let now = edge.clock.now();
        let user = profile::block(&transaction, operator.id, id.0, &body.0.reason, now).await?;
        withdrawal::reject_pending_of(edge.context(), &transaction, id.0, &body.0.reason).await?;
        transaction.commit().await.map_err(kernel::Error::from)?;
        answer(user.into())
    }
}
