//! One job: when it runs, how it went, and what it missed.

use super::Area;
use super::job_name::JobName;
use crate::app_state::AppState;
use crate::http::auth::ConsoleOperator;
use crate::http::codes::codes;
use crate::http::envelope::{Answer, answer};
use domain::identity::Permission;
use domain::operations::{self, JobDetail};
use kernel::code::Code;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct JobDetailApi;

#[OpenApi(prefix_path = "/api/console/jobs", tag = "Area::Jobs")]
impl JobDetailApi {
    /// One job
    ///
    /// Its times, its next and its newest runs, and the dates it missed. Workers have no times and no runs by date.
    #[oai(path = "/:name", method = "get", operation_id = "getJob")]
    async fn get(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// The name of the job.
        name: Path<JobName>,
    ) -> Answer<JobDetail, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::Read)?;
        answer(operations::get_job(app.context(), &name.0.0).await?)
    }
}
