//! The texts, Chinese as our users are. One function a text; its name says when it is sent.

pub mod group;
pub mod robot;

/// The day's capacity is gone everywhere.
pub fn come_back_tomorrow() -> String {
    "今天的名额已经用完啦，请明天再来找我开通群吧～".to_owned()
}

/// Somebody the reader invited has completed their profile.
pub fn new_disciple() -> String {
    "恭喜，你有新徒弟啦！徒弟的群有收益，你也有奖励～".to_owned()
}
