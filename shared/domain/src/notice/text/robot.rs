//! Texts about robots themselves: befriending them, their capacity, their end.

use kernel::secret::Secret;

/// After befriending a robot for the first time.
pub fn welcome(link: &Secret) -> Secret {
    let link = link.expose();
    format!("你好，我是群宠小助手，很高兴认识你！点击链接进入首页：{link}\n链接过期了就回复【1】，我再发一个；回复【菜单】看看我会做什么。").into()
}

/// 菜单.
pub fn menu() -> String {
    "回复数字告诉我你想做什么：\n1 进入首页\n2 怎么拉群\n3 收徒赚钱\n4 常见问题\n5 联系客服\n6 今天还能开通群吗".to_owned()
}

/// Menu 1.
pub fn home(link: &Secret) -> Secret {
    format!("点击链接进入首页：{}", link.expose()).into()
}

/// Menu 6, when the robot they talk to has capacity left.
pub fn can_still_open() -> String {
    "我今天还可以开通群，快把我拉进群吧！".to_owned()
}

/// Menu 6, when only another robot has; its QR code follows.
pub fn ask_my_companion(name: &str) -> String {
    format!("我今天的名额已经用完啦，请添加我的小伙伴「{name}」，让它来帮你开通群。")
}

/// The robot could not join a group; its companion's QR code follows.
pub fn join_failed(companion: &str) -> String {
    format!("我今天的名额已经用完，进不了这个群。请添加我的小伙伴「{companion}」，把它拉进群吧。")
}

/// The robot could not join a group because one like it is there already.
pub fn group_has_helper() -> String {
    "这个群里已经有小助手啦，请换一个群再拉我吧。".to_owned()
}

/// A robot of theirs was blocked and lives on as a new account, whose QR code follows.
pub fn retired(name: &str) -> String {
    format!("「{name}」已经退役，请扫码添加它的新账号，再把它拉回你的群里。")
}

/// They befriended a robot again that was blocked and lost these groups.
pub fn pull_me_back(groups: &[String]) -> String {
    format!("我换了新账号，请把我重新拉进这些群：{}", groups.join("、"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_welcome_promises_nothing() {
        let words = super::welcome(&"https://gpet.example/home".into());
        let words = words.expose();
        assert!(words.contains("https://gpet.example/home"));
        assert!(!words.contains("红包"), "{words}");
    }
}
