//! Messages of robot transports that could not be handled.

use super::Area;
use crate::app_state::AppState;
use crate::http::auth::ConsoleOperator;
use crate::http::body::Body;
use crate::http::envelope::{Answer, PageOf, answer, paged};
use crate::http::paging::{FromTo, Paging, Sorting};
use crate::http::parameters::filters;
use domain::identity::Permission;
use domain::operations::dead_letters::{self, DeadLetter, DeadLetterColumn, DeadLetterFilter};
use poem::web::Data;
use poem_openapi::{Object, OpenApi};

pub struct DeadLettersApi;

filters! {
    /// Which dead messages.
    struct DeadLetterQuery {
        /// With this command, or `malformed`.
        command: String,
        /// With exactly this reason.
        reason: String,
    }
}

/// Which messages.
#[derive(Object)]
struct DeadLetterIds {
    #[oai(validator(min_items = 1, max_items = 200))]
    ids: Vec<i64>,
}

/// Those that were dead; the others are left alone.
#[derive(Object)]
struct HandledDeadLetters {
    ids: Vec<i64>,
}

#[OpenApi(prefix_path = "/api/console/dead-letters", tag = "Area::Messages")]
impl DeadLettersApi {
    /// List dead messages
    ///
    /// With body and reason. The dates are those they arrived on.
    #[oai(path = "/", method = "get", operation_id = "listDeadLetters")]
    async fn list(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        query: DeadLetterQuery,
        received: FromTo,
        sort: Sorting<DeadLetterColumn>,
        page: Paging,
    ) -> PageOf<Vec<DeadLetter>> {
        operator.must(Permission::Read)?;
        let filter = DeadLetterFilter {
            command: query.command,
            reason: query.reason,
            received: received.0,
            sort: sort.0,
        };
        paged(dead_letters::list(app.context(), filter, page.0).await?)
    }

    /// Put dead messages back in line
    ///
    /// They are handled again in their turn. Answers with those that were dead; the others are left alone.
    #[oai(path = "/replay", method = "post", operation_id = "replayDeadLetters")]
    async fn replay(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        body: Body<DeadLetterIds>,
    ) -> Answer<HandledDeadLetters> {
        operator.must(Permission::HandleDeadLetters)?;
        let ids = dead_letters::replay(app.context(), operator.id, body.0.ids).await?;
        answer(HandledDeadLetters { ids })
    }

    /// Give dead messages up
    ///
    /// They are kept and never handled. Answers with those that were dead; the others are left alone.
    #[oai(path = "/discard", method = "post", operation_id = "discardDeadLetters")]
    async fn discard(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        body: Body<DeadLetterIds>,
    ) -> Answer<HandledDeadLetters> {
        operator.must(Permission::HandleDeadLetters)?;
        let ids = dead_letters::discard(app.context(), operator.id, body.0.ids).await?;
        answer(HandledDeadLetters { ids })
    }
}
