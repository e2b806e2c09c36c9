//! The robots the user knows.

use super::Area;
use crate::app_state::AppState;
use crate::http::auth::H5User;
use crate::http::envelope::{PageOf, paged};
use crate::http::paging::Paging;
use chrono::{DateTime, Utc};
use domain::robot;
use kernel::id::RobotId;
use poem::web::Data;
use poem_openapi::{Object, OpenApi};

pub struct RobotsApi;

/// A robot the user knows.
#[derive(Object)]
struct KnownRobot {
    id: RobotId,
    name: String,
    /// What people search for to add it.
    wechat_no: String,
    head_url: String,
    qr_code: String,
    /// Whether it is a friend of the user's; else it was only given to them.
    friend: bool,
    /// Whether it is blocked and cannot speak.
    blocked: bool,
    known_since: DateTime<Utc>,
}

impl From<robot::KnownRobot> for KnownRobot {
    fn from(robot: robot::KnownRobot) -> Self {
        KnownRobot {
            id: robot.id,
            name: robot.name,
            wechat_no: robot.wechat_no,
            head_url: robot.head_url,
            qr_code: robot.qr_code,
            friend: robot.friend,
            blocked: robot.blocked,
            known_since: robot.known_since,
        }
    }
}

#[OpenApi(prefix_path = "/api/h5/robots", tag = "Area::Robots")]
impl RobotsApi {
    /// My robots, newest first
    ///
    /// Friends, and robots that were only given to the user.
    #[oai(path = "/", method = "get", operation_id = "listMyRobots")]
    async fn list(&self, app: Data<&AppState>, user: H5User, page: Paging) -> PageOf<Vec<KnownRobot>> {
        paged(robot::of_user(app.db.read(), user.id(), page.0).await?)
    }
}
