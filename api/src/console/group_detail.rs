//! One group, with its stays, stars, income and clean-ups.

use super::Area;
use super::groups::ConsoleGroup;
use crate::app_state::AppState;
use crate::http::auth::ConsoleOperator;
use crate::http::codes::codes;
use crate::http::envelope::{Answer, PageOf, answer, paged};
use crate::http::paging::{FromTo, Paging};
use domain::group::{self, GroupCleanup, GroupStay, StarChange};
use domain::identity::Permission;
use domain::settlement::{self, GroupLine, Outlook};
use kernel::code::Code;
use kernel::dates::LONGEST_RANGE;
use kernel::id::{GroupId, RobotId};
use kernel::money::Share;
use kernel::partitions;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};

pub struct GroupDetailApi;

/// A group and what hangs on it.
#[derive(Object)]
struct GroupDetail {
    #[oai(flatten)]
    group: ConsoleGroup,
    /// The robot in it.
    robot_id: Option<RobotId>,
    /// How many people in it are known one by one.
    known_members: i64,
    /// By which rule it is paid.
    rule: Option<Outlook>,
    /// What it brought its importer on all dates that are kept, two years, six places.
    total_income: Share,
    /// What runs of the dates asked for made of it, newest first.
    income: Vec<GroupLine>,
    /// The newest fifty stays in the chat group, this one among them.
    stays: Vec<GroupStay>,
    /// The newest fifty changes of its star.
    stars: Vec<StarChange>,
    /// The newest fifty clean-ups it stood in.
    cleanups: Vec<GroupCleanup>,
}

#[OpenApi(prefix_path = "/api/console/groups", tag = "Area::Groups")]
impl GroupDetailApi {
    /// One group
    ///
    /// One stay of a robot in a chat group, with the stays beside it, its stars, the rule it is paid by, what each run made
    /// of it, and its clean-ups. Without dates: income of the last 30 days.
    #[oai(path = "/:id", method = "get", operation_id = "getGroup")]
    async fn get(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// Which one.
        id: Path<GroupId>,
        income: FromTo,
    ) -> Answer<GroupDetail, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::Read)?;
        let (conn, id, today) = (app.db.read(), id.0, app.clock.today());
        let range = income.0.range(today, LONGEST_RANGE)?;
        let found = group::get_for_console(app.context(), id).await?;
        let importer = found.group.user_id;
        let oldest = partitions::oldest_kept(today);
        let earned = settlement::earned_by_groups(conn, importer, &[id], today, oldest).await?;
        answer(GroupDetail {
            robot_id: found.robot_id,
            known_members: found.known_members,
            rule: settlement::outlooks(conn, &[id]).await?.remove(&id),
            total_income: earned.get(&id).copied().unwrap_or_default().total,
            income: settlement::lines_of_group(conn, importer, id, range).await?,
            stays: found.stays,
            stars: found.stars,
            cleanups: found.cleanups,
            group: found.group.into(),
        })
    }

    /// List the changes of a group's star, newest first
    ///
    /// Ratings that said nothing new are not among them.
    #[oai(path = "/:id/stars", method = "get", operation_id = "listGroupStars")]
    async fn stars(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        /// Of which group.
        id: Path<GroupId>,
        page: Paging,
    ) -> PageOf<Vec<StarChange>, { codes(&[Code::ResourceNotFound]) }> {
        operator.must(Permission::Read)?;
        paged(group::list_stars(app.context(), id.0, page.0).await?)
    }
}
