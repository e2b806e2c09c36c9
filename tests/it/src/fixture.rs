//! What many tests begin with.

use crate::App;
use anyhow::{Context as _, Result};
use domain::robot::Robot;
use domain::robot::registry::{self, NewRobot};
use kernel::Context;
use kernel::db;
use kernel::id::UserId;
use sea_orm::TryGetable;
use serde_json::{Value, json};
use simulators::gateway::Event;

impl App {
    /// Registers a robot for everybody, good for 30 groups.
    ///
    /// # Errors
    /// When its code is taken.
    pub async fn robot(&self, code: &str) -> Result<Robot> {
        robot(&self.context, code, None, 30).await
    }

    /// The gateway publishes one event, and everything that follows from it happens.
    ///
    /// # Errors
    /// As [`App::drain`].
    pub async fn happens(&self, command: &str, body: Value) -> Result<()> {
        self.simulator.event(command, body).await?;
        self.drain().await
    }

    /// A person befriends a robot.
    ///
    /// # Errors
    /// As [`App::drain`].
    pub async fn befriends(&self, user_code: &str, robot_code: &str) -> Result<UserId> {
        let body = json!({"robot_id": robot_code, "user_id": user_code, "nickname": user_code});
        self.happens("robot_added", body).await?;
        self.user(user_code).await
    }

    /// A person pulls a robot into a group, and the gateway binds it.
    ///
    /// # Errors
    /// As [`App::drain`].
    pub async fn pulls(&self, user_code: &str, robot_code: &str, group_code: &str) -> Result<()> {
        self.all_pull(&[(user_code, robot_code, group_code)]).await
    }

    /// Several people do so at once: user, robot, group.
    ///
    /// # Errors
    /// As [`App::drain`].
    pub async fn all_pull(&self, pulls: &[(&str, &str, &str)]) -> Result<()> {
        let events = pulls.iter().map(|(user, robot, group)| {
            let body = json!({"group_id": group, "robot_id": robot, "user_id": user, "name": group});
            Event::new("wait_for_bind", body)
        });
        self.simulator.events(events.collect()).await?;
        self.drain().await
    }

    /// The user with this chat code.
    ///
    /// # Errors
    /// When there is none.
    pub async fn user(&self, code: &str) -> Result<UserId> {
        let id = self
            .scalar("SELECT id FROM users WHERE code = $1", [code.into()])
            .await?;
        id.map(UserId).with_context(|| format!("there is no user {code}"))
    }

    /// The first column of the first row.
    pub async fn scalar<T: TryGetable>(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = sea_orm::Value>,
    ) -> Result<Option<T>> {
        Ok(db::fetch_scalar(self.context.db.autocommit(), sql, values).await?)
    }

    /// Runs a statement that puts a test into a state it could only reach in days.
    pub async fn execute(&self, sql: &str) -> Result<()> {
        db::execute(self.context.db.autocommit(), sql, []).await?;
        Ok(())
    }

    /// Every row of a query as PostgreSQL writes it: `(first,second,third)`.
    pub async fn rows(&self, sql: &str) -> Result<Vec<String>> {
        rows(&self.context, sql).await
    }
}

/// Registers a robot.
///
/// # Errors
/// When its code is taken.
pub async fn robot(context: &Context, code: &str, channel: Option<&str>, threshold: i32) -> Result<Robot> {
    let new = NewRobot {
        code: code.parse()?,
        name: format!("pet {code}"),
        wechat_no: format!("wx-{code}"),
        head_url: String::new(),
        qr_code: format!("https://qr.example/{code}.png"),
        channel: channel.map(str::to_owned),
        count_threshold: threshold,
    };
    Ok(registry::register(context, new).await?)
}

/// Every row of a query as PostgreSQL writes it: `(first,second,third)`.
pub async fn rows(context: &Context, sql: &str) -> Result<Vec<String>> {
    let sql = format!("SELECT line::text FROM ({sql}) AS line");
    Ok(db::fetch_column(context.db.autocommit(), &sql, []).await?)
}
