//! Whoever listens hears of new users.

use crate::tracking::{BusinessEvent, EventName};
use kernel::id::UserId;
use serde::Serialize;

/// Somebody became a user: a robot met them, or they logged in for the first time.
#[derive(Debug, Serialize)]
pub struct UserRegistered {
    /// Who.
    pub user: UserId,
}

impl BusinessEvent for UserRegistered {
    const NAME: EventName = EventName::UserRegistered;

    fn subject(&self) -> String {
        format!("user:{}", self.user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tracking::wire;

    #[test]
    fn a_new_user_is_announced_so() {
        let user = "0192f0c1-0000-7000-8000-000000000001".parse().unwrap();
        assert_eq!(
            wire(&UserRegistered { user }),
            r#"{"command":"user_registered","body":{"user":"0192f0c1-0000-7000-8000-000000000001"}}"#
        );
    }
}
