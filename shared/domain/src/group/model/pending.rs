//! A bind that is under way.

use chrono::TimeDelta;

/// A second message of the same content within this time is a copy of the first.
pub const COPY: TimeDelta = TimeDelta::seconds(30);

kernel::named! {
    /// How far a bind has come.
    pub enum BindState {
        /// Nobody knows yet who pulled the robot in.
        WaitingForUser = "waiting_for_user",
        /// The gateway has been asked to bind.
        Asked = "asked",
        /// The gateway bound it while nobody knew who pulled the robot in.
        Bound = "bound",
    }
}
