//! The token table: what is accepted, and all that is not.

use super::*;
use serde_json::{Value, json};

const SECRET: &str = "a secret of more than thirty-two bytes";

fn tokens() -> Tokens {
    Tokens::new(&JwtConfig {
        secret: SECRET.into(),
        issuer: "gpet".to_owned(),
        lifetime_seconds: 3600,
        leeway_seconds: 5,
    })
}

fn clock() -> Clock {
    Clock::fixed("2026-11-22T02:00:00Z".parse().unwrap())
}

fn header() -> Header {
    let mut header = Header::new(Algorithm::HS256);
    header.typ = Some(TYP.to_owned());
    header.kid = Some(KEY.to_owned());
    header
}

fn claims() -> Value {
    let now = clock().now().timestamp();
    json!({
        "iss": "gpet", "aud": "h5", "sub": new_uuid(), "iat": now, "exp": now + 3600,
        "jti": new_uuid(), "sid": new_uuid(),
    })
}

fn signed(header: &Header, claims: &Value) -> String {
    jsonwebtoken::encode(header, claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap()
}

fn with(name: &str, value: Value) -> String {
    let mut claims = claims();
    claims[name] = value;
    signed(&header(), &claims)
}

fn refusal(token: &str) -> (u16, u16) {
    let error = tokens().user(token, &clock()).unwrap_err();
    (error.code.number(), error.http_status())
}

#[test]
fn what_we_sign_we_read() {
    let (tokens, clock) = (tokens(), clock());
    let claims = UserClaims {
        user: UserId::new(),
        wechat: Some(WechatIds {
            union_id: "u".to_owned(),
            open_id: "o".to_owned(),
        }),
    };
    let issued = tokens.for_user(claims.clone(), &clock).unwrap();
    assert_eq!(issued.expires_in, 3600);
    assert_eq!(tokens.user(&issued.token, &clock).unwrap(), claims);
    let operator = OperatorId::new();
    let issued = tokens.for_operator(operator, Role::Viewer, &clock).unwrap();
    assert_eq!(tokens.operator(&issued.token, &clock).unwrap(), operator);
    assert!(tokens.user(&signed(&header(), &self::claims()), &clock).is_ok());
}

#[test]
fn every_claim_is_required() {
    for name in ["iss", "aud", "sub", "iat", "exp", "jti", "sid"] {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(name);
        assert_eq!(
            refusal(&signed(&header(), &claims)),
            (1401, 401),
            "without {name}"
        );
    }
}

#[test]
fn expired_is_1406_after_the_leeway_only() {
    let now = clock().now().timestamp();
    let expired = |seconds: i64| {
        let mut claims = claims();
        claims["iat"] = json!(now - 3600);
        claims["exp"] = json!(now - seconds);
        signed(&header(), &claims)
    };
    assert!(tokens().user(&expired(5), &clock()).is_ok());
    assert_eq!(refusal(&expired(6)), (1406, 401));
    assert_eq!(refusal(&with("iat", json!(now + 60))), (1401, 401));
}

#[test]
fn another_audience_is_forbidden_and_another_issuer_unknown() {
    assert_eq!(refusal(&with("aud", json!("console"))), (1401, 403));
    assert_eq!(refusal(&with("aud", json!("elsewhere"))), (1401, 401));
    assert_eq!(refusal(&with("iss", json!("elsewhere"))), (1401, 401));
    assert_eq!(refusal(&with("sub", json!("17"))), (1401, 401));
}

#[test]
fn headers_that_are_not_ours_are_refused() {
    let change = |change: fn(&mut Header)| {
        let mut header = header();
        change(&mut header);
        signed(&header, &claims())
    };
    for token in [
        change(|header| header.typ = Some("JWT".to_owned())),
        change(|header| header.typ = None),
        change(|header| header.kid = Some("2".to_owned())),
        change(|header| header.kid = None),
        change(|header| header.alg = Algorithm::HS384),
    ] {
        assert_eq!(refusal(&token), (1401, 401), "{token}");
    }
}

#[test]
fn signatures_that_are_not_ours_are_refused() {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let good = signed(&header(), &claims());
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (_, payload) = message.split_once('.').unwrap();
    let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"at+jwt","kid":"1"}"#);
    let other =
        jsonwebtoken::encode(&header(), &claims(), &EncodingKey::from_secret(b"another secret")).unwrap();
    let flipped = format!(
        "{message}.{}{}",
        if signature.starts_with('A') { 'B' } else { 'A' },
        &signature[1..]
    );
    for token in [
        format!("{none}.{payload}."),
        format!("{none}.{payload}.{signature}"),
        format!("{message}."),
        message.to_owned(),
        flipped,
        other,
        String::new(),
        "a.b.c".to_owned(),
    ] {
        assert_eq!(refusal(&token), (1401, 401), "{token}");
    }
}
