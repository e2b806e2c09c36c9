//! Which robot to adopt.

use super::Area;
use super::signed::Signed;
use crate::app_state::AppState;
use crate::http::auth::H5User;
use crate::http::body::Body;
use crate::http::codes::codes;
use crate::http::envelope::{Answer, Nothing, answer, done};
use domain::identity::WechatIds;
use domain::robot::RobotCard;
use domain::robot::{self, registry};
use kernel::Error;
use kernel::code::Code;
use kernel::external::check_code;
use kernel::id::RobotId;
use poem::web::Data;
use poem_openapi::{Object, OpenApi};

pub struct RobotsApi;

#[derive(Object)]
struct Adoption {
    open_id: String,
    union_id: String,
    /// Who sent the visitor; what is no user's id counts as nobody.
    sharing_user_id: Option<String>,
    #[oai(validator(pattern = r"^[^\x00-\x1f\x7f-\x9f]{0,255}$"))]
    channel: Option<String>,
}

impl Adoption {
    /// Whoever asks may ask for themselves only.
    fn must_be_of(&self, token: &WechatIds) -> kernel::Result<()> {
        for (field, said, known) in [
            ("union_id", &self.union_id, &token.union_id),
            ("open_id", &self.open_id, &token.open_id),
        ] {
            if said != known {
                return Err(Error::params(field, format!("`{field}` is not the token's")));
            }
        }
        Ok(())
    }
}

/// A robot to add as a friend.
#[derive(Object)]
struct Adopted {
    name: String,
    wechat_no: String,
    head_url: String,
    /// Address of its QR code.
    qr_code: String,
}

/// A robot that can open groups today.
#[derive(Object)]
struct Shown {
    robot_id: RobotId,
    robot_name: String,
    /// Address of its QR code.
    qr_code: String,
    head_url: String,
    wechat_no: String,
}

#[derive(Object)]
struct SetAside {
    robot_id: RobotId,
}

impl From<RobotCard> for Adopted {
    fn from(robot: RobotCard) -> Self {
        Adopted {
            name: robot.name,
            wechat_no: robot.wechat_no,
            head_url: robot.head_url,
            qr_code: robot.qr_code,
        }
    }
}

impl From<RobotCard> for Shown {
    fn from(robot: RobotCard) -> Self {
        Shown {
            robot_id: robot.robot_id,
            robot_name: robot.name,
            qr_code: robot.qr_code,
            head_url: robot.head_url,
            wechat_no: robot.wechat_no,
        }
    }
}

#[OpenApi(prefix_path = "/robot", tag = "Area::Robots")]
impl RobotsApi {
    /// Adopt a robot
    ///
    /// The same one each time, while it lives. Needs a token of a WeChat login.
    #[oai(path = "/distribution", method = "post", operation_id = "adoptRobot")]
    async fn distribute(
        &self,
        app: Data<&AppState>,
        user: H5User,
        body: Body<Adoption>,
    ) -> Answer<Adopted, { codes(&[Code::NoRobotAvailable]) }> {
        let visit = body.0;
        visit.must_be_of(user.wechat()?)?;
        let (sharer, channel) = (visit.sharing_user_id.as_deref(), visit.channel.as_deref());
        if let Some(channel) = channel.filter(|channel| !channel.is_empty()) {
            check_code("channel", channel)?;
        }
        let robot =
            robot::distribute(app.context(), &visit.union_id, &visit.open_id, sharer, channel).await?;
        answer(robot.into())
    }

    /// Which robot can open groups for me today
    ///
    /// The one the user knows already, while it has room.
    #[oai(path = "/show", method = "get", operation_id = "showRobot")]
    async fn show(
        &self,
        app: Data<&AppState>,
        user: H5User,
    ) -> Answer<Shown, { codes(&[Code::NoRobotAvailable, Code::ResourceNotFound]) }> {
        answer(robot::show(app.context(), user.id()).await?.into())
    }

    /// Offer a robot no longer
    ///
    /// Its groups stay; nobody new is sent to it.
    #[oai(
        path = "/undistributable",
        method = "post",
        operation_id = "setRobotAsideByPartner"
    )]
    async fn set_aside(
        &self,
        app: Data<&AppState>,
        body: Signed<SetAside>,
    ) -> Answer<Nothing, { codes(&[Code::ResourceNotFound]) }> {
        registry::set_aside(app.context(), body.0.robot_id).await?;
        done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_adopts_for_somebody_else() {
        let ids = |union_id: &str, open_id: &str| WechatIds {
            union_id: union_id.into(),
            open_id: open_id.into(),
        };
        let adoption = Adoption {
            open_id: "o".into(),
            union_id: "u".into(),
            sharing_user_id: None,
            channel: None,
        };
        let refused = |ids: WechatIds| adoption.must_be_of(&ids).unwrap_err().field.unwrap();
        assert!(adoption.must_be_of(&ids("u", "o")).is_ok());
        assert_eq!(refused(ids("v", "o")), "union_id");
        assert_eq!(refused(ids("u", "p")), "open_id");
    }
}
