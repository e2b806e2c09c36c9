//! Operators' passwords: argon2id with 19 MiB, two passes, one lane.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use kernel::error::{Error, Result};
use secrecy::{ExposeSecret, SecretString};
use std::sync::OnceLock;
use tokio::sync::Semaphore;

/// Hashes at work at a time: each takes 19 MiB and a core.
static PLACES: Semaphore = Semaphore::const_new(2);

/// Hash of a password nobody has, so that an unknown name takes as long as a known one.
static NOBODY: OnceLock<String> = OnceLock::new();

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|error| Error::internal(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash_now(password: &str) -> Result<String> {
    let hash: PasswordHash = argon2()?
        .hash_password(password.as_bytes())
        .map_err(|error| Error::internal(error.to_string()))?;
    Ok(hash.to_string())
}

/// The hash to keep.
///
/// # Errors
/// 1403 naming `password` when it has fewer than 8 characters or more than 128.
pub(super) async fn hash(password: SecretString) -> Result<String> {
    if !(8..=128).contains(&password.expose_secret().chars().count()) {
        return Err(Error::params(
            "password",
            "a password must have 8 to 128 characters",
        ));
    }
    at_work(move || hash_now(password.expose_secret())).await
}

/// Whether the password is the one behind the hash. No hash takes as long as a wrong one.
pub(super) async fn matches(password: SecretString, hash: Option<String>) -> Result<bool> {
    at_work(move || {
        let known = hash.is_some();
        let hash = match hash {
            Some(hash) => hash,
            None => match NOBODY.get() {
                Some(hash) => hash.clone(),
                None => {
                    let hash = hash_now("nobody has this password")?;
                    NOBODY.get_or_init(|| hash).clone()
                }
            },
        };
        let parsed = PasswordHash::new(&hash).map_err(|error| Error::internal(error.to_string()))?;
        let right = argon2()?
            .verify_password(password.expose_secret().as_bytes(), &parsed)
            .is_ok();
        Ok(right && known)
    })
    .await
}

async fn at_work<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let _place = PLACES.acquire().await.map_err(Error::internal)?;
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_opens_its_own_hash_only() {
        let kept = hash("correct horse battery".into()).await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(
            matches("correct horse battery".into(), Some(kept.clone()))
                .await
                .unwrap()
        );
        assert!(!matches("correct horse batterz".into(), Some(kept)).await.unwrap());
        assert!(!matches("nobody has this password".into(), None).await.unwrap());
        assert_eq!(
            hash("short".into()).await.unwrap_err().field.as_deref(),
            Some("password")
        );
    }
}
