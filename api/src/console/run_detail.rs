//! One settlement run: what it came to, and what it wrote.

use super::Area;
use super::settlement::SettlementRun;
use crate::app_state::AppState;
use crate::basis::LineBasis;
use crate::http::auth::ConsoleOperator;
use crate::http::codes::codes;
use crate::http::envelope::{Answer, PageOf, answer, answer_page, paged};
use crate::http::export::{self, Column, Export, ExportOrder, Table, amount, export, plain};
use crate::http::paging::Paging;
use domain::identity::Permission;
use domain::settlement::{
    self, KeptReversal, LineFilter, RunRates, RunSlip, RunTotal, SettlementState, StillShort,
};
use kernel::code::Code;
use kernel::id::{BatchId, GroupId, RunId, UserId};
use kernel::money::Share;
use kernel::page::Paged;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};

pub struct RunDetailApi;

/// A run and what belongs to it.
#[derive(Object)]
#[oai(rename = "SettlementRunDetail")]
struct RunDetail {
    #[oai(flatten)]
    run: SettlementRun,
    /// Whether it stands.
    state: SettlementState,
    /// Its slips by kind; empty for runs from before these sums were kept.
    totals: Vec<RunTotal>,
    /// The rates it went by.
    rates: RunRates,
    /// The batch of an ads run.
    batch_id: Option<BatchId>,
    /// How it was taken back, where it was.
    reversal: Option<KeptReversal>,
    /// What that has not taken back so far: reversing the run again takes it from those who have it by then.
    still_short: Option<StillShort>,
}

/// A line of a run: what one group made for the three people above it.
#[derive(Object)]
struct RunLine {
    group_id: GroupId,
    group_code: String,
    /// Its name today.
    group_name: String,
    /// Who pulled it.
    user_id: UserId,
    user_code: Option<String>,
    nickname: String,
    /// Of the importer, yuan, six places.
    user_share: Share,
    /// Of the master, if there was one.
    master_share: Share,
    /// Of the grand-master, if there was one.
    grand_master_share: Share,
    /// Which of its days the group was settled for, from 1; null for ads, and where it was not kept.
    settle_day: Option<i16>,
    /// What decided it.
    basis: LineBasis,
}

impl From<settlement::RunDetail> for RunDetail {
    fn from(detail: settlement::RunDetail) -> Self {
        RunDetail {
            run: detail.run.into(),
            state: detail.state,
            totals: detail.totals,
            rates: detail.rates,
            batch_id: detail.batch_id,
            reversal: detail.reversal,
            still_short: detail.still_short,
        }
    }
}

impl TryFrom<settlement::RunLine> for RunLine {
    type Error = kernel::Error;

    fn try_from(line: settlement::RunLine) -> kernel::Result<Self> {
        Ok(RunLine {
            basis: line.basis()?.into(),
            group_id: line.group_id,
            group_code: line.group_code,
            group_name: line.group_name,
            user_id: line.user_id,
            user_code: line.user_code,
            nickname: line.nickname,
            user_share: line.user_share,
            master_share: line.master_share,
            grand_master_share: line.grand_master_share,
            settle_day: line.settle_day,
        })
    }
}

impl Table for RunSlip {
    const NAME: &'static str = "run-slips";
    const COLUMNS: &'static [Column] = &[
        plain("user_id", "用户编号"),
        plain("user_code", "用户码"),
        plain("nickname", "昵称"),
        plain("amount_type", "收入类型"),
        amount("before", "上次余数"),
        amount("sum", "本次份额"),
        amount("amount", "金额"),
        amount("after", "本次余数"),
        plain("slip_id", "收入单编号"),
        plain("posting_id", "分录编号"),
        amount("balance", "余额"),
    ];
}

impl Table for RunLine {
    const NAME: &'static str = "run-lines";
    const COLUMNS: &'static [Column] = &[
        plain("group_id", "群编号"),
        plain("group_code", "群码"),
        plain("group_name", "群名"),
        plain("user_id", "拉群用户编号"),
        plain("user_code", "拉群用户码"),
        plain("nickname", "昵称"),
        amount("user_share", "用户份额"),
        amount("master_share", "师父份额"),
        amount("grand_master_share", "师祖份额"),
        plain("settle_day", "结算天"),
        plain("basis", "依据"),
    ];
}

#[OpenApi(prefix_path = "/api/console/settlement/runs", tag = "Area::Settlement")]
impl RunDetailApi {
    /// One run
    ///
    /// Counts, sums by kind of slip, the rates it went by, whether it stands, and how long each step took.
    #[oai(path = "/:id", method = "get", operation_id = "getSettlementRun")]
    async fn get(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The run's id.
        id: Path<RunId>,
    ) -> Answer<RunDetail, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::Read)?;
        answer(settlement::get_run(app.context(), id.0).await?.into())
    }

    /// List the slips of a run, by user
    ///
    /// With how the carried remainder moved: before + sum = amount + after.
    #[oai(path = "/:id/slips", method = "get", operation_id = "listRunSlips")]
    async fn slips(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The run's id.
        id: Path<RunId>,
        /// Of this user only.
        user: Query<Option<UserId>>,
        page: Paging,
    ) -> PageOf<Vec<RunSlip>, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::Read)?;
        paged(settlement::list_run_slips(app.context(), id.0, user.0, page.0).await?)
    }

    /// List the lines of a run, by importer and group
    ///
    /// What each group made for the three people above it, and what decided it.
    #[oai(path = "/:id/lines", method = "get", operation_id = "listRunLines")]
    async fn lines(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The run's id.
        id: Path<RunId>,
        /// Of this importer only.
        user: Query<Option<UserId>>,
        /// Of this group only.
        group: Query<Option<GroupId>>,
        page: Paging,
    ) -> PageOf<Vec<RunLine>, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::Read)?;
        let filter = LineFilter {
            user: user.0,
            group: group.0,
        };
        let found = settlement::list_run_lines(app.context(), id.0, filter, page.0).await?;
        let lines: kernel::Result<Vec<RunLine>> = found.rows.into_iter().map(RunLine::try_from).collect();
        answer_page(lines?, found.info)
    }

    /// Take the slips of a run away as a file
    ///
    /// The rows the same filters find, in the same order; at most 50,000.
    #[oai(path = "/:id/slips/export", method = "get", operation_id = "exportRunSlips")]
    async fn export_slips(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The run's id.
        id: Path<RunId>,
        /// Of this user only.
        user: Query<Option<UserId>>,
        order: ExportOrder,
    ) -> Export<{ codes(&[Code::TooManyRequests, Code::ResourceNotFound]) }> {
        operator.must(Permission::Read)?;
        let rows = settlement::list_run_slips(app.context(), id.0, user.0, export::WHOLE);
        export::<_, RunSlip, _>(&app, &operator, order, rows).await
    }

    /// Take the lines of a run away as a file
    ///
    /// The rows the same filters find, in the same order; at most 50,000. What decided a line is JSON.
    #[oai(path = "/:id/lines/export", method = "get", operation_id = "exportRunLines")]
    async fn export_lines(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The run's id.
        id: Path<RunId>,
        /// Of this importer only.
        user: Query<Option<UserId>>,
        /// Of this group only.
        group: Query<Option<GroupId>>,
        order: ExportOrder,
    ) -> Export<{ codes(&[Code::TooManyRequests, Code::ResourceNotFound]) }> {
        operator.must(Permission::Read)?;
        let filter = LineFilter {
            user: user.0,
            group: group.0,
        };
        let rows = async {
            let Paged { rows, info } =
                settlement::list_run_lines(app.context(), id.0, filter, export::WHOLE).await?;
            let rows: kernel::Result<Vec<RunLine>> = rows.into_iter().map(RunLine::try_from).collect();
            Ok(Paged { rows: rows?, info })
        };
        export::<_, RunLine, _>(&app, &operator, order, rows).await
    }
}
