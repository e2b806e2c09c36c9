//! Messages to the outside.

use super::Area;
use crate::app_state::AppState;
use crate::http::auth::ConsoleOperator;
use crate::http::body::Body;
use crate::http::envelope::{Answer, PageOf, answer, paged};
use crate::http::paging::{FromTo, Paging, Sorting};
use crate::http::parameters::filters;
use domain::identity::Permission;
use domain::operations::outbox_admin::{self, OutboxColumn, OutboxFilter, Sent};
use kernel::id::MessageId;
use kernel::outbox::{Destination, MessageState};
use poem::web::Data;
use poem_openapi::{Object, OpenApi};

pub struct OutboxApi;

filters! {
    /// Which messages.
    struct OutboxQuery {
        /// In this state.
        state: MessageState,
        /// Which go there.
        destination: Destination,
        /// With exactly this routing key or command.
        topic: String,
    }
}

/// Which messages.
#[derive(Object)]
struct OutboxMessageIds {
    #[oai(validator(min_items = 1, max_items = 200))]
    ids: Vec<MessageId>,
}

/// Those that are sent again; the others are left alone.
#[derive(Object)]
struct RetriedOutboxMessages {
    ids: Vec<MessageId>,
}

#[OpenApi(prefix_path = "/api/console/outbox", tag = "Area::Messages")]
impl OutboxApi {
    /// List messages
    ///
    /// What waits, what arrived, what was refused, and what nobody knows of. The dates are those they were written on.
    #[oai(path = "/", method = "get", operation_id = "listOutboxMessages")]
    async fn list(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        query: OutboxQuery,
        created: FromTo,
        sort: Sorting<OutboxColumn>,
        page: Paging,
    ) -> PageOf<Vec<Sent>> {
        operator.must(Permission::Read)?;
        let filter = OutboxFilter {
            state: query.state,
            destination: query.destination,
            topic: query.topic,
            created: created.0,
            sort: sort.0,
        };
        paged(outbox_admin::list(app.context(), filter, page.0).await?)
    }

    /// Send messages that failed, or may have, once more
    ///
    /// One that may have been delivered may arrive twice. Answers with those that are sent again; the others are left alone.
    #[oai(path = "/retry", method = "post", operation_id = "retryOutboxMessages")]
    async fn retry(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        body: Body<OutboxMessageIds>,
    ) -> Answer<RetriedOutboxMessages> {
        operator.must(Permission::HandleDeadLetters)?;
        let retried = outbox_admin::retry(app.context(), operator.id, &body.0.ids).await?;
        answer(RetriedOutboxMessages { ids: retried })
    }
}
