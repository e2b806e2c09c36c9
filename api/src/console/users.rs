//! Users, as operators see them.

use super::Area;
use crate::app_state::AppState;
use crate::http::auth::ConsoleOperator;
use crate::http::body::Body;
use crate::http::chat_code::{CodeSearch, optional_code};
use crate::http::codes::codes;
use crate::http::envelope::{Answer, PageOf, answer, paged};
use crate::http::export::{self, Column, Export, ExportOrder, Table, export, instant, plain};
use crate::http::paging::{FromTo, Paging, Sorting};
use crate::http::parameters::filters;
use crate::http::reason::Reason;
use domain::identity::Permission;
use domain::identity::{self, Level, User, UserColumn, UserFilter, UserStatus};
use domain::ledger::{self, Movement, MovementKind};
use domain::overview::{self, UserDetail};
use domain::withdrawal;
use kernel::code::Code;
use kernel::id::UserId;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};

pub struct UsersApi;

filters! {
    /// Which users.
    struct UserQuery {
        /// The whole number.
        phone: String,
        /// With this code.
        code: CodeSearch,
        /// Of exactly this channel.
        channel: String,
        /// Whose name begins so.
        nickname: String,
        /// In this status.
        status: UserStatus,
    }
}

impl UserQuery {
    fn filter(self, created: FromTo, sort: Sorting<UserColumn>) -> kernel::Result<UserFilter> {
        Ok(UserFilter {
            phone: self.phone,
            code: optional_code("code", self.code)?,
            channel: self.channel,
            nickname: self.nickname,
            status: self.status,
            created: created.0,
            sort: sort.0,
        })
    }
}

#[derive(Object)]
struct Blocking {
    /// Why; kept in the audit trail.
    reason: Reason,
}

impl Table for User {
    const NAME: &'static str = "users";
    const COLUMNS: &'static [Column] = &[
        plain("id", "编号"),
        plain("code", "用户码"),
        plain("nickname", "昵称"),
        plain("phone", "手机号"),
        plain("channel", "渠道"),
        plain("status", "状态"),
        plain("has_id_card", "已登记身份证"),
        plain("union_id", "UnionID"),
        plain("open_id", "OpenID"),
        plain("head_url", "头像"),
        instant("created_at", "加入时间"),
    ];
}

#[OpenApi(prefix_path = "/api/console/users", tag = "Area::Users")]
impl UsersApi {
    /// List users
    ///
    /// Deleted ones are left out. The dates are those they came on.
    #[oai(path = "/", method = "get", operation_id = "listUsers")]
    async fn list(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        query: UserQuery,
        created: FromTo,
        sort: Sorting<UserColumn>,
        page: Paging,
    ) -> PageOf<Vec<User>> {
        operator.must(Permission::Read)?;
        paged(identity::list(app.context(), query.filter(created, sort)?, page.0).await?)
    }

    /// Take the list of users away as a file
    ///
    /// The rows the same filters find, in the same order; at most 50,000.
    #[oai(path = "/export", method = "get", operation_id = "exportUsers")]
    async fn export(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        query: UserQuery,
        created: FromTo,
        sort: Sorting<UserColumn>,
        order: ExportOrder,
    ) -> Export {
        operator.must(Permission::Read)?;
        let rows = identity::list(app.context(), query.filter(created, sort)?, export::WHOLE);
        export::<_, User, _>(&app, &operator, order, rows).await
    }

    /// One user
    ///
    /// With their wallet, who stands above them, and what is newest of the rest. Their groups are found in the list of
    /// groups by their code.
    #[oai(path = "/:id", method = "get", operation_id = "getUser")]
    async fn get(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The user's id.
        id: Path<UserId>,
    ) -> Answer<UserDetail, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::Read)?;
        answer(overview::get_user(app.context(), id.0).await?)
    }

    /// List whom a user invited, newest first
    ///
    /// Or whom those invited.
    #[oai(path = "/:id/referrals", method = "get", operation_id = "listReferrals")]
    async fn referrals(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The user's id.
        id: Path<UserId>,
        /// How far below; 1 when left out.
        level: Query<Option<Level>>,
        page: Paging,
    ) -> PageOf<Vec<User>> {
        operator.must(Permission::Read)?;
        let level = level.0.unwrap_or(Level::Disciples);
        paged(identity::disciples(app.context(), id.0, level, page.0).await?)
    }

    /// Every movement of a user's wallet, newest first
    ///
    /// With the balances after each. Dates are inclusive, in Shanghai; without them the last 30 days.
    #[oai(path = "/:id/statement", method = "get", operation_id = "listUserMovements")]
    #[allow(clippy::too_many_arguments)] // one a query parameter
    async fn statement(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The user's id.
        id: Path<UserId>,
        moved: FromTo,
        /// Of this kind.
        kind: Query<Option<MovementKind>>,
        page: Paging,
    ) -> PageOf<Vec<Movement>, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::Read)?;
        paged(ledger::list_movements(app.context(), id.0, moved.0, kind.0, page.0).await?)
    }

    /// Block a user
    ///
    /// Withdrawals that wait are refused with the same reason.
    #[oai(path = "/:id/block", method = "post", operation_id = "blockUser")]
    async fn block(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The user's id.
        id: Path<UserId>,
        body: Body<Blocking>,
    ) -> Answer<User, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::BlockUsers)?;
        answer(withdrawal::block_user(app.context(), operator.id, id.0, &body.0.reason).await?)
    }

    /// Let a blocked user go again
    ///
    /// They may withdraw and bring groups from now on; what was refused meanwhile stays refused.
    #[oai(path = "/:id/unblock", method = "post", operation_id = "unblockUser")]
    async fn unblock(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The user's id.
        id: Path<UserId>,
        body: Body<Blocking>,
    ) -> Answer<User, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::BlockUsers)?;
        answer(identity::unblock(app.context(), operator.id, id.0, &body.0.reason).await?)
    }
}
