//! The texts, Chinese as our users are. One function a text; its name says when it is sent.

pub mod group;
pub mod robot;

/// The day's capacity is gone everywhere.
pub fn come_back_tomorrow() -> String {
    "今天的名额已经用完啦，请明天再来找我开通群吧～".to_owned()
}
