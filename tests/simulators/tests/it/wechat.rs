//! WeChat's OAuth: codes that stand for ids, and those that don't.

use simulators::settings::{APP_ID, APP_SECRET};

use crate::desk::desk;

#[tokio::test]
async fn a_code_becomes_the_ids_it_names() {
    let desk = desk().await;
    let exchange = async |code: &str, secret: &str| {
        let query = format!("appid={APP_ID}&secret={secret}&code={code}&grant_type=authorization_code");
        desk.get(&format!("/wechat/sns/oauth2/access_token?{query}"))
            .await
            .unwrap()
            .json()
    };
    let token = exchange("sim%3Aunion-1%3Aopen-1", APP_SECRET).await;
    assert_eq!(
        (&token["unionid"], &token["openid"]),
        (&"union-1".into(), &"open-1".into())
    );
    let access = token["access_token"].as_str().unwrap();
    let info = format!("/wechat/sns/userinfo?access_token={access}&openid=open-1&lang=zh_CN");
    let info = desk.get(&info).await.unwrap().json();
    assert_eq!(info["unionid"], "union-1");
    assert!(info["nickname"].is_string() && info["headimgurl"].is_string());

    assert_eq!(exchange("stolen", APP_SECRET).await["errcode"], 40029);
    assert_eq!(exchange("sim:union-1:open-1", "wrong").await["errcode"], 40125);
}
