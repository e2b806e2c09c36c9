//! What the accounts of the books hold.

use super::Area;
use crate::app_state::AppState;
use crate::http::auth::ConsoleOperator;
use crate::http::envelope::{Answer, answer};
use domain::identity::Permission;
use domain::ledger::{self, AccountBalance};
use poem::web::Data;
use poem_openapi::OpenApi;

pub struct AccountsApi;

#[OpenApi(prefix_path = "/api/console/ledger/accounts", tag = "Area::Ledger")]
impl AccountsApi {
    /// Balances of the house, and of all wallets together
    ///
    /// They sum to zero.
    #[oai(path = "/", method = "get", operation_id = "listAccounts")]
    async fn accounts(&self, app: Data<&AppState>, operator: ConsoleOperator) -> Answer<Vec<AccountBalance>> {
        operator.must(Permission::Read)?;
        answer(ledger::accounts(app.context()).await?)
    }
}
