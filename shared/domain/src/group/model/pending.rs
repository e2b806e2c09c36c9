//! A bind that is under way.

use chrono::TimeDelta;
use sea_orm::{DeriveActiveEnum, EnumIter};

/// A second message of the same content within this time is a copy of the first.
pub const COPY: TimeDelta = TimeDelta::seconds(30);

/// How far a bind has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum BindState {
    /// Nobody knows yet who pulled the robot in.
    WaitingForUser,
    /// The gateway has been asked to bind.
    Asked,
    /// The gateway bound it while nobody knew who pulled the robot in.
    Bound,
}
