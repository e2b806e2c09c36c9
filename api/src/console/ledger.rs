//! The books: postings, balances, and the check that proves them.

use super::Area;
use super::finding::Finding;
use crate::app_state::AppState;
use crate::http::auth::ConsoleOperator;
use crate::http::body::Body;
use crate::http::codes::codes;
use crate::http::envelope::{Answer, PageOf, answer, paged};
use crate::http::export::{self, Column, Export, ExportOrder, Table, export, instant, plain};
use crate::http::paging::{FromTo, Paging, Sorting};
use crate::http::parameters::filters;
use crate::http::reason::Reason;
use chrono::{DateTime, Utc};
use domain::identity::Permission;
use domain::ledger::check::Report;
use domain::ledger::{self, Account, PostingColumn, PostingFilter, PostingKind};
use domain::settlement;
use kernel::clock::BusinessDate;
use kernel::code::Code;
use kernel::dates::DateFilter;
use kernel::id::{CheckId, PostingId, RunId, UserId};
use kernel::money::Money;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};

pub struct LedgerApi;

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
    async fn filter(
        self,
        app: &AppState,
        booked: FromTo,
        sort: Sorting<PostingColumn>,
    ) -> kernel::Result<PostingFilter> {
        let mut booked = booked.0;
        if let (Some(run), true) = (self.run_id, booked == DateFilter::default()) {
            // Postings are found by their date, and a run writes on one date only.
            let run = settlement::run(app.db.read(), run).await?;
            booked = DateFilter::only(run.settle_date);
        }
        Ok(PostingFilter {
            user: self.user_id,
            key: self.key,
            booked,
            kind: self.kind,
            run: self.run_id,
            account: self.account,
            amount_from: self.amount_from,
            amount_to: self.amount_to,
            sort: sort.0,
        })
    }
}

/// The outcome of a check.
#[derive(Object)]
struct LedgerCheck {
    checked_at: DateTime<Utc>,
    /// Whether everything holds; payouts stop when it does not.
    clean: bool,
    /// The first offending rows of each rule.
    findings: Vec<Finding>,
}

/// A check that was kept.
#[derive(Object)]
struct KeptCheck {
    id: CheckId,
    checked_at: DateTime<Utc>,
    clean: bool,
    findings: Vec<Finding>,
}

/// A posting and its lines, which sum to zero.
#[derive(Object)]
pub(super) struct Posting {
    id: PostingId,
    booked_on: BusinessDate,
    /// Its business key; exists once.
    key: String,
    kind: PostingKind,
    user_id: Option<UserId>,
    /// The settlement run that wrote it.
    run_id: Option<RunId>,
    /// The posting it takes back.
    reverses: Option<PostingId>,
    /// The posting that takes it back.
    reversed_by: Option<PostingId>,
    /// Why, where an operator decided it.
    reason: Option<String>,
    lines: Vec<PostingLine>,
    created_at: DateTime<Utc>,
}

/// What one account gains.
#[derive(Object)]
pub(super) struct PostingLine {
    account: Account,
    name: String,
    /// Yuan, a decimal string.
    amount: String,
}

/// An account's balance.
#[derive(Object)]
struct AccountBalance {
    /// 1 and 2 are all wallets together, those from 11 on belong to the house.
    account: Account,
    name: String,
    /// Yuan, a decimal string.
    balance: String,
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

impl From<Report> for LedgerCheck {
    fn from(report: Report) -> Self {
        LedgerCheck {
            checked_at: report.checked_at,
            clean: report.clean,
            findings: report.findings.into_iter().map(Finding::from).collect(),
        }
    }
}

impl From<(CheckId, Report)> for KeptCheck {
    fn from((id, report): (CheckId, Report)) -> Self {
        KeptCheck {
            id,
            checked_at: report.checked_at,
            clean: report.clean,
            findings: report.findings.into_iter().map(Finding::from).collect(),
        }
    }
}

impl From<ledger::PostingEntry> for Posting {
    fn from(posting: ledger::PostingEntry) -> Self {
        Posting {
            id: posting.id,
            booked_on: posting.booked_on,
            key: posting.key,
            kind: posting.kind,
            user_id: posting.user_id,
            run_id: posting.run_id,
            reverses: posting.reverses,
            reversed_by: posting.reversed_by,
            reason: posting.reason,
            lines: posting.lines.into_iter().map(PostingLine::from).collect(),
            created_at: posting.created_at,
        }
    }
}

impl From<ledger::LineEntry> for PostingLine {
    fn from(line: ledger::LineEntry) -> Self {
        PostingLine {
            account: line.account,
            name: line.name,
            amount: line.amount,
        }
    }
}

impl From<ledger::AccountBalance> for AccountBalance {
    fn from(account: ledger::AccountBalance) -> Self {
        AccountBalance {
            account: account.account,
            name: account.name,
            balance: format!("{:.2}", account.balance),
        }
    }
}

impl Table for Posting {
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

#[OpenApi(prefix_path = "/api/console/ledger", tag = "Area::Ledger")]
impl LedgerApi {
    /// Check the whole ledger now
    ///
    /// One check at a time: 1409 while another is under way. The outcome is kept, and payouts go by it.
    #[oai(path = "/check", method = "get", operation_id = "checkLedger")]
    async fn check(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
    ) -> Answer<LedgerCheck, { codes(&[Code::DuplicateRequest]) }> {
        operator.must(Permission::CheckLedger)?;
        answer(settlement::audit_on_demand(app.context()).await?.into())
    }

    /// List kept checks, newest first
    ///
    /// Those of the nightly job and those asked for.
    #[oai(path = "/checks", method = "get", operation_id = "listLedgerChecks")]
    async fn checks(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        page: Paging,
    ) -> PageOf<Vec<KeptCheck>> {
        operator.must(Permission::Read)?;
        paged(ledger::kept_checks(app.db.read(), page.0).await?)
    }

    /// One kept check
    ///
    /// With what it found.
    #[oai(path = "/checks/:id", method = "get", operation_id = "getLedgerCheck")]
    async fn kept_check(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// Which one.
        id: Path<CheckId>,
    ) -> Answer<KeptCheck, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::Read)?;
        answer(ledger::kept_check(app.db.read(), id.0).await?.into())
    }

    /// List postings with their lines
    ///
    /// The dates are those they are booked on. Without user, key, run or dates: those of the newest date there is.
    #[oai(path = "/postings", method = "get", operation_id = "listPostings")]
    async fn postings(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        query: PostingQuery,
        booked: FromTo,
        sort: Sorting<PostingColumn>,
        page: Paging,
    ) -> PageOf<Vec<Posting>, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::Read)?;
        let filter = query.filter(&app, booked, sort).await?;
        paged(ledger::postings(app.db.read(), filter, page.0).await?)
    }

    /// Take the list of postings away as a file
    ///
    /// The rows the same filters find, in the same order; at most 50,000. Lines are JSON.
    #[oai(path = "/postings/export", method = "get", operation_id = "exportPostings")]
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
        let filter = query.filter(&app, booked, sort).await?;
        let rows = ledger::postings(app.db.read(), filter, export::WHOLE);
        export::<_, Posting, _>(&app, &operator, order, rows).await
    }

    /// Take a posting back
    ///
    /// By a new posting; the user sees a correction.
    #[oai(
        path = "/postings/:id/reverse",
        method = "post",
        operation_id = "reversePosting"
    )]
    async fn reverse(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// Which one.
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

    /// Balances of the house, and of all wallets together
    ///
    /// They sum to zero.
    #[oai(path = "/accounts", method = "get", operation_id = "listAccounts")]
    async fn accounts(&self, app: Data<&AppState>, operator: ConsoleOperator) -> Answer<Vec<AccountBalance>> {
        operator.must(Permission::Read)?;
        let accounts = ledger::accounts(app.db.read()).await?;
        answer(accounts.into_iter().map(AccountBalance::from).collect::<Vec<_>>())
    }
}
