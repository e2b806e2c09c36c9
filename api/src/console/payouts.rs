//! Whether payouts run.

use super::Area;
use crate::app_state::AppState;
use crate::http::auth::ConsoleOperator;
use crate::http::body::Body;
use crate::http::envelope::{Answer, answer};
use crate::http::reason::Reason;
use domain::identity::Permission;
use domain::withdrawal::{self, PayoutState};
use poem::web::Data;
use poem_openapi::{Object, OpenApi};

pub struct PayoutsApi;

#[derive(Object)]
struct Pause {
    /// Why; kept in the audit trail.
    reason: Reason,
}

#[OpenApi(prefix_path = "/api/console/payouts", tag = "Area::Withdrawals")]
impl PayoutsApi {
    /// Whether payouts run
    ///
    /// Payouts stop for an operator, for the rate of failures, and for an unclean ledger.
    #[oai(path = "/", method = "get", operation_id = "getPayoutSwitch")]
    async fn state(&self, app: Data<&AppState>, operator: ConsoleOperator) -> Answer<PayoutState> {
        operator.must(Permission::Read)?;
        answer(withdrawal::payout_state(app.context()).await?)
    }

    /// Pause payouts
    ///
    /// New payouts stop at once; what WeChat Pay has already is still asked about.
    #[oai(path = "/pause", method = "post", operation_id = "pausePayouts")]
    async fn pause(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        body: Body<Pause>,
    ) -> Answer<PayoutState> {
        operator.must(Permission::PausePayouts)?;
        answer(withdrawal::pause(app.context(), operator.id, &body.0.reason).await?)
    }

    /// Resume payouts
    ///
    /// The next pass goes on with those that wait.
    #[oai(path = "/resume", method = "post", operation_id = "resumePayouts")]
    async fn resume(&self, app: Data<&AppState>, operator: ConsoleOperator) -> Answer<PayoutState> {
        operator.must(Permission::PausePayouts)?;
        answer(withdrawal::resume(app.context(), operator.id).await?)
    }
}
