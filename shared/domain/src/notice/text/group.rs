//! Texts about groups.

/// A group was bound.
pub fn moved_in(group: &str) -> String {
    format!(
        "我已入住「{group}」啦！正在感受群里的舒适度，1～2天内会告诉你星级和红包。群里可以@我聊天，私聊回复“菜单”查看更多功能～"
    )
}

/// A group is ours already, with the same person.
pub fn already_opened(group: &str) -> String {
    format!("「{group}」已经开通啦，不用再拉我一次哦～")
}

/// A group is ours already, with somebody else.
pub fn occupied(group: &str) -> String {
    format!("「{group}」已经有别的主人啦，换一个群试试吧～")
}

/// The group was cancelled as illegal before.
pub fn endangers(group: &str) -> String {
    format!("「{group}」危害群生态，我不能入住，先退群啦。")
}

/// The group was cancelled for low delivery quality before.
pub fn nobody_read(group: &str) -> String {
    format!("我来过「{group}」，可是没有人看我的消息，换一个活跃的群吧～")
}

/// Opening failed.
pub fn opening_failed(group: &str) -> String {
    format!("「{group}」开通失败，请先撤回对我的入群邀请。")
}

/// A companion opens the group instead; a QR code follows.
pub fn pull_companion(companion: &str) -> String {
    format!("请扫码添加我的小伙伴「{companion}」，再把它拉进群里开通～")
}

/// The robot has as many openings under way as it may take.
pub fn try_again_soon() -> String {
    "现在开通的人太多啦，请十分钟后再把我拉进群～".to_owned()
}

/// This was the robot's last opening for now; a QR code follows.
pub fn quota_used_up(companion: &str) -> String {
    format!("我的开通名额已经用完啦，后面的群请扫码添加我的小伙伴「{companion}」来开通～")
}

/// The robot was thrown out.
pub fn thrown_out(group: &str) -> String {
    format!("呜呜，我被踢出「{group}」了，请重新拉我进群，才能继续领红包哦～")
}

/// A group was rated; `amount` is what its star is advertised with.
pub fn rated(group: &str, star: i16, amount: &str, explanation: &str) -> String {
    format!("「{group}」的舒适度是{star}星，奖励你{amount}元红包！星级说明：{explanation}")
}

/// The importer has too many groups of one star.
pub fn too_uncomfortable(group: &str, explanation: &str) -> String {
    format!("「{group}」太不舒适啦，我不住在这里了。星级说明：{explanation}")
}

/// There is too little conversation.
pub fn too_quiet(group: &str, explanation: &str) -> String {
    format!("「{group}」太安静啦，没有人说话，我先离开了。星级说明：{explanation}")
}

/// The nightly clean-up takes the group.
pub fn cleaned_up(group: &str) -> String {
    format!("「{group}」的舒适度太低，我要搬家啦，欢迎拉我去更活跃的群～")
}
