//! Postings of the books: found, looked at, taken back.

use super::Area;
use crate::app_state::AppState;
use crate::http::auth::ConsoleOperator;
use crate::http::body::Body;
use crate::http::codes::codes;
use crate::http::envelope::{Answer, PageOf, answer, paged};
use crate::http::export::{self, Column, Export, ExportOrder, Table, export, instant, plain};
use crate::http::paging::{FromTo, Paging, Sorting};
use crate::http::parameters::filters;
use crate::http::reason::Reason;
use domain::identity::Permission;
use domain::ledger::{self, Account, PostingColumn, PostingDetail, PostingEntry, PostingFilter, PostingKind};
use domain::settlement;
use kernel::code::Code;
use kernel::id::{PostingId, RunId, UserId};
use kernel::money::Money;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};

pub struct PostingsApi;

filters! {
    /// Which postings.
    struct PostingQuery {
        /// Touching this wallet.
        user_id: UserId,
        /// The business key, whole.
        key: String,
        /// Of this kind.
        kind: PostingKind,
        /// Written by this settlement run.
        run_id: RunId,
        /// Touching this account.
        account: Account,
        /// Moving this amount or more.
        amount_from: Money,
        /// Moving this amount or less.
        amount_to: Money,
    }
}

impl PostingQuery {
    fn filter(self, booked: FromTo, sort: Sorting<PostingColumn>) -> PostingFilter {
        PostingFilter {
            user: self.user_id,
            key: self.key,
            booked: booked.0,
            kind: self.kind,
            run: self.run_id,
            account: self.account,
            amount_from: self.amount_from,
            amount_to: self.amount_to,
            sort: sort.0,
        }
    }
}

#[derive(Object)]
struct PostingReversal {
    /// Why; the user sees it too.
    reason: Reason,
}

/// What a reversal came to.
#[derive(Object)]
struct ReversedPosting {
    /// The new posting.
    posting_id: PostingId,
}

impl Table for PostingEntry {
    const NAME: &'static str = "postings";
    const COLUMNS: &'static [Column] = &[
        plain("id", "编号"),
        plain("booked_on", "记账日"),
        plain("key", "业务键"),
        plain("kind", "种类"),
        plain("user_id", "用户编号"),
        plain("run_id", "结算编号"),
        plain("reverses", "冲销的分录"),
        plain("reversed_by", "被冲销于"),
        plain("reason", "原因"),
        plain("lines", "明细"),
        instant("created_at", "写入时间"),
    ];
}

#[OpenApi(prefix_path = "/api/console/ledger/postings", tag = "Area::Ledger")]
impl PostingsApi {
    /// List postings with their lines
    ///
    /// The dates are those they are booked on. Without user, key, run or dates: those of the newest date there is.
    #[oai(path = "/", method = "get", operation_id = "listPostings")]
    async fn list(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        query: PostingQuery,
        booked: FromTo,
        sort: Sorting<PostingColumn>,
        page: Paging,
    ) -> PageOf<Vec<PostingEntry>, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::Read)?;
        paged(settlement::list_postings(app.context(), query.filter(booked, sort), page.0).await?)
    }

    /// Take the list of postings away as a file
    ///
    /// The rows the same filters find, in the same order; at most 50,000. Lines are JSON.
    #[oai(path = "/export", method = "get", operation_id = "exportPostings")]
    async fn export(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        query: PostingQuery,
        booked: FromTo,
        sort: Sorting<PostingColumn>,
        order: ExportOrder,
    ) -> Export<{ codes(&[Code::TooManyRequests, Code::ResourceNotFound]) }> {
        operator.must(Permission::Read)?;
        let rows = settlement::list_postings(app.context(), query.filter(booked, sort), export::WHOLE);
        export::<_, PostingEntry, _>(&app, &operator, order, rows).await
    }

    /// One posting
    ///
    /// Its lines, what made it, its slip, and the posting it takes back or is taken back by.
    #[oai(path = "/:id", method = "get", operation_id = "getPosting")]
    async fn get(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The posting's id.
        id: Path<PostingId>,
    ) -> Answer<PostingDetail, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::Read)?;
        answer(ledger::get_posting(app.context(), id.0).await?)
    }

    /// Take a posting back
    ///
    /// By a new posting; the user sees a correction. Reversals themselves and postings of withdrawals are not taken back: 1403.
    #[oai(path = "/:id/reverse", method = "post", operation_id = "reversePosting")]
    async fn reverse(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The posting's id.
        id: Path<PostingId>,
        body: Body<PostingReversal>,
    ) -> Answer<
        ReversedPosting,
        {
            codes(&[
                Code::ResourceNotFound,
                Code::DuplicateRequest,
                Code::InsufficientAmount,
            ])
        },
    > {
        operator.must(Permission::Book)?;
        let reversal = ledger::reverse(app.context(), operator.id, id.0, &body.0.reason).await?;
        answer(ReversedPosting { posting_id: reversal })
    }
}
