//! Ad tasks of the delivery system.

use super::Area;
use super::signed::Signed;
use crate::app_state::AppState;
use crate::http::chat_code::optional_code;
use crate::http::codes::codes;
use crate::http::envelope::{Answer, Nothing, done};
use domain::delivery::{self, TaskType};
use kernel::code::Code;
use poem::web::Data;
use poem_openapi::{Object, OpenApi};
use transport::GroupCode;

pub struct TaskApi;

/// What to send, and to whom.
#[derive(Object)]
#[oai(rename_all = "camelCase")]
pub struct DeliveryTask {
    #[oai(validator(pattern = r"^[^\x00-\x1f\x7f-\x9f]{1,255}$"))]
    task_id: String,
    task_type: TaskType,
    /// Codes of the groups.
    #[oai(validator(min_items = 1, max_items = 10000))]
    group_ids: Vec<GroupCode>,
    content: DeliveryContent,
}

#[derive(Object)]
#[oai(rename_all = "camelCase")]
struct DeliveryContent {
    /// Code of a person to mention in every message.
    #[oai(validator(pattern = r"^[^\x00-\x1f\x7f-\x9f]{0,255}$"))]
    user_code: Option<String>,
    #[oai(validator(min_items = 1, max_items = 10))]
    items: Vec<DeliveryItem>,
}

#[derive(Object)]
#[oai(rename_all = "camelCase")]
struct DeliveryItem {
    /// 1 text, 2 picture, 3 link, 4 mini-program; another is taken, and every group is told that it failed.
    #[oai(rename = "type")]
    kind: i64,
    #[oai(validator(max_length = 4000))]
    title: Option<String>,
    /// The text, the link's description, or the mini-program's cover.
    #[oai(validator(max_length = 4000))]
    content: Option<String>,
    /// The picture, the link's thumbnail, or a file with base64 of the mini-program's XML: at an https address open to the
    /// world, on port 443 or from 1024 up, of 64 kB at most, without redirects.
    #[oai(validator(max_length = 4000))]
    file_path: Option<String>,
    /// Where the link goes; `{groupId}` in it becomes the group's code.
    #[oai(validator(max_length = 4000))]
    url: Option<String>,
}

impl From<DeliveryItem> for delivery::Item {
    fn from(item: DeliveryItem) -> Self {
        delivery::Item {
            kind: item.kind,
            title: item.title.unwrap_or_default(),
            content: item.content.unwrap_or_default(),
            file_path: item.file_path.unwrap_or_default(),
            url: item.url.unwrap_or_default(),
        }
    }
}

impl DeliveryTask {
    /// The task, its codes read.
    ///
    /// # Errors
    /// 1403 naming the field whose code is none.
    pub fn read(self) -> kernel::Result<delivery::Task> {
        Ok(delivery::Task {
            id: self.task_id,
            task_type: self.task_type,
            group_codes: self.group_ids,
            user_code: optional_code("userCode", self.content.user_code)?,
            items: self.content.items.into_iter().map(delivery::Item::from).collect(),
        })
    }
}

#[OpenApi(tag = "Area::Delivery")]
impl TaskApi {
    /// Take an ad task
    ///
    /// Once a task: a second time is refused with 1409. What became of it in each group is reported to the delivery
    /// system.
    #[oai(path = "/task/receive", method = "post", operation_id = "receiveDeliveryTask")]
    async fn receive(
        &self,
        app: Data<&AppState>,
        body: Signed<DeliveryTask>,
    ) -> Answer<Nothing, { codes(&[Code::DuplicateRequest]) }> {
        delivery::receive(app.context(), body.0.read()?).await?;
        done()
    }
}
