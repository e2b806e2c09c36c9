//! WeChat's OAuth: codes that stand for ids, and those that don't. Callbacks to the product.

use serde_json::json;
use simulators::control::partner_signature;
use simulators::settings::{APP_ID, APP_SECRET};
use simulators::{Keys, Settings};

use crate::fixture::{product, simulators, simulators_with};

#[tokio::test]
async fn a_code_becomes_the_ids_it_names() {
    let simulators = simulators().await;
    let exchange = async |code: &str, secret: &str| {
        let query = format!("appid={APP_ID}&secret={secret}&code={code}&grant_type=authorization_code");
        simulators
            .get(&format!("/wechat/sns/oauth2/access_token?{query}"))
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
    let info = simulators.get(&info).await.unwrap().json();
    assert_eq!(info["unionid"], "union-1");
    assert!(info["nickname"].is_string() && info["headimgurl"].is_string());

    assert_eq!(exchange("stolen", APP_SECRET).await["errcode"], 40029);
    assert_eq!(exchange("sim:union-1:open-1", "wrong").await["errcode"], 40125);
}

#[tokio::test]
async fn a_callback_is_signed_over_time_method_path_and_body() {
    let (url, mut inbox) = product().await;
    let simulators = simulators_with(Settings {
        product_url: Some(url.trim_end_matches("/notify").to_owned()),
        partner_secret: Some("partner-secret".into()),
        ..Settings::with_keys(Keys::generate().unwrap())
    })
    .await;
    let answer = simulators
        .control
        .callback("/notify?a=1", json!({"command": "x"}))
        .await
        .unwrap();
    assert_eq!(answer.status, 204);
    let callback = inbox.recv().await.unwrap();
    let header = |name: &str| callback.headers[name].to_str().unwrap();
    let (timestamp, nonce) = (
        header("x-gpet-timestamp").parse().unwrap(),
        header("x-gpet-nonce"),
    );
    let sign =
        |body: &[u8]| partner_signature("partner-secret", timestamp, nonce, "POST", "/notify?a=1", body);
    assert_eq!(header("x-gpet-sign"), sign(&callback.body));
    assert_ne!(header("x-gpet-sign"), sign(b"{}"));
}
