//! Tokens: JWTs of an hour that say who calls. Time is the injected clock's, not the library's.

use super::role::Role;
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use kernel::clock::Clock;
use kernel::code::Code;
use kernel::config::JwtConfig;
use kernel::error::{Error, Result};
use kernel::id::{OperatorId, UserId, new_uuid};
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The `typ` of every token: RFC 9068.
const TYP: &str = "at+jwt";
/// Name of the one key there is. A second one would be accepted beside it while it takes over.
const KEY: &str = "1";

/// For whom a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// Users' app.
    H5,
    /// Operators' console.
    Console,
}

/// Who a user's token was given to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserClaims {
    /// The user as of the login.
    pub user: UserId,
    /// What WeChat said, if it was WeChat that vouched for them.
    pub wechat: Option<WechatIds>,
}

/// WeChat's ids of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WechatIds {
    /// Over all apps of the account.
    pub union_id: String,
    /// Within our app.
    pub open_id: String,
}

/// A token on its way to the client.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The token.
    pub token: String,
    /// Seconds it is good for.
    pub expires_in: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    sub: Uuid,
    iat: i64,
    exp: i64,
    jti: Uuid,
    sid: Uuid,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wechat: Option<WechatIds>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
}

/// Makes and reads tokens.
#[derive(Clone)]
pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    issuer: String,
    lifetime: u64,
    leeway: i64,
}

impl Tokens {
    /// With the configured secret.
    pub fn new(config: &JwtConfig) -> Self {
        let secret = config.secret.expose_secret().as_bytes();
        Tokens {
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            issuer: config.issuer.clone(),
            lifetime: config.lifetime_seconds,
            leeway: i64::try_from(config.leeway_seconds).unwrap_or(i64::MAX),
        }
    }

    /// A token for a user.
    ///
    /// # Errors
    /// When the library cannot sign, which is a mistake in the program.
    pub fn for_user(&self, claims: UserClaims, clock: &Clock) -> Result<Issued> {
        let mut whole = self.claims(Audience::H5, claims.user.0, clock.now());
        whole.wechat = claims.wechat;
        self.issued(&whole)
    }

    /// A token for an operator. The role in it is for the console's menus; what counts is the table's.
    ///
    /// # Errors
    /// As [`Tokens::for_user`].
    pub fn for_operator(&self, operator: OperatorId, role: Role, clock: &Clock) -> Result<Issued> {
        let mut whole = self.claims(Audience::Console, operator.0, clock.now());
        whole.role = Some(role);
        self.issued(&whole)
    }

    /// Who calls with this token.
    ///
    /// # Errors
    /// 1406 when it has expired, 1401 with HTTP 403 when it is for another audience, else 1401.
    pub fn user(&self, token: &str, clock: &Clock) -> Result<UserClaims> {
        let claims = self.read(token, Audience::H5, clock)?;
        Ok(UserClaims {
            user: UserId(claims.sub),
            wechat: claims.wechat,
        })
    }

    /// Which operator calls with this token.
    ///
    /// # Errors
    /// As [`Tokens::user`].
    pub fn operator(&self, token: &str, clock: &Clock) -> Result<OperatorId> {
        Ok(OperatorId(self.read(token, Audience::Console, clock)?.sub))
    }

    fn claims(&self, aud: Audience, sub: Uuid, now: DateTime<Utc>) -> Claims {
        let iat = now.timestamp();
        Claims {
            iss: self.issuer.clone(),
            aud,
            sub,
            iat,
            exp: iat.saturating_add_unsigned(self.lifetime),
            jti: new_uuid(),
            sid: new_uuid(),
            wechat: None,
            role: None,
        }
    }

    fn issued(&self, claims: &Claims) -> Result<Issued> {
        Ok(Issued {
            token: self.sign(claims)?,
            expires_in: self.lifetime,
        })
    }

    fn sign(&self, claims: &impl Serialize) -> Result<String> {
        let mut header = Header::new(Algorithm::HS256);
        header.typ = Some(TYP.to_owned());
        header.kid = Some(KEY.to_owned());
        jsonwebtoken::encode(&header, claims, &self.encoding).map_err(Error::internal)
    }

    fn read(&self, token: &str, audience: Audience, clock: &Clock) -> Result<Claims> {
        let claims: Claims = self.verified(token)?;
        let now = clock.now().timestamp();
        if claims.iss != self.issuer || claims.iat > now.saturating_add(self.leeway) {
            return Err(wrong("issuer or time of issue"));
        }
        if claims.exp <= claims.iat {
            return Err(wrong("never valid"));
        }
        if claims.exp.saturating_add(self.leeway) < now {
            return Err(Error::new(Code::TokenExpired, "the token has expired"));
        }
        if claims.aud != audience {
            return Err(Error::forbidden("this token is not for this part of the API"));
        }
        Ok(claims)
    }

    /// The claims, if the signature, the algorithm, the type and the key are ours. All else is checked by the caller:
    /// the library knows the machine's clock only, and lets claims be missing.
    fn verified<T: DeserializeOwned>(&self, token: &str) -> Result<T> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;
        let data = jsonwebtoken::decode::<T>(token, &self.decoding, &validation).map_err(wrong)?;
        if data.header.typ.as_deref() != Some(TYP) || data.header.kid.as_deref() != Some(KEY) {
            return Err(wrong("type or key"));
        }
        Ok(data.claims)
    }
}

fn wrong(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error {
        source: Some(cause.into()),
        ..Error::new(Code::Unauthenticated, "the token is not valid")
    }
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
