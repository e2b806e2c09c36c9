//! Digests, signatures and sealing, each in one line for its callers.

use super::error::{Error, Result};
use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::{digest, hmac};
use md5::{Digest, Md5};

/// Lower-case hex of the MD5 of a text. Only for partners who know nothing better.
pub fn md5_hex(text: &str) -> String {
    hex::encode(Md5::digest(text.as_bytes()))
}

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

/// Lower-case hex of an HMAC-SHA256.
pub fn hmac_sha256_hex(secret: &[u8], message: &[u8]) -> String {
    hex::encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message))
}

/// The same of a message that lies in parts, without putting it together.
pub fn hmac_sha256_hex_of(secret: &[u8], parts: &[&[u8]]) -> String {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, secret));
    for part in parts {
        context.update(part);
    }
    hex::encode(context.sign())
}

/// An HMAC-SHA1, for the SMS provider.
pub fn hmac_sha1(secret: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(
        &hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret),
        message,
    )
    .as_ref()
    .to_vec()
}

/// Whether two secrets are equal, in a time that does not tell how much of them is.
pub fn same(left: &str, right: &str) -> bool {
    use subtle::ConstantTimeEq;
    left.as_bytes().ct_eq(right.as_bytes()).into()
}

/// Encrypts personal data at rest: AES-256-GCM, the nonce in front.
///
/// # Errors
/// When the key has not 32 bytes.
pub fn seal(key: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
    let key = RandomizedNonceKey::new(&AES_256_GCM, key)
        .map_err(|_| Error::internal("GPET_DATA_KEY must be 32 bytes"))?;
    let mut sealed = plain.to_vec();
    let nonce = key
        .seal_in_place_append_tag(Aad::empty(), &mut sealed)
        .map_err(|_| Error::internal("sealing failed"))?;
    let mut whole = nonce.as_ref().to_vec();
    whole.append(&mut sealed);
    Ok(whole)
}

/// Decrypts what [`seal`] made.
///
/// # Errors
/// When it was not sealed with this key, or was altered.
pub fn open(key: &[u8], sealed: &[u8]) -> Result<Vec<u8>> {
    let broken = || Error::internal("sealed data cannot be opened");
    let key = RandomizedNonceKey::new(&AES_256_GCM, key).map_err(|_| broken())?;
    let (nonce, text) = sealed.split_at_checked(12).ok_or_else(broken)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| broken())?;
    let mut text = text.to_vec();
    let plain = key
        .open_in_place(nonce, Aad::empty(), &mut text)
        .map_err(|_| broken())?;
    Ok(plain.to_vec())
}

/// So many random bytes from the system.
///
/// # Errors
/// When the system has none to give.
pub fn random_bytes(count: usize) -> Result<Vec<u8>> {
    let mut bytes = vec![0; count];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| Error::internal("no randomness"))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_data_opens_unless_altered() {
        let key = [7; 32];
        let mut sealed = seal(&key, b"11010519491231002X").unwrap();
        assert_eq!(open(&key, &sealed).unwrap(), b"11010519491231002X");
        *sealed.last_mut().unwrap() ^= 1;
        assert!(open(&key, &sealed).is_err());
        assert!(open(&key, b"short").is_err());
    }

    #[test]
    fn digests_match_their_published_vectors() {
        assert_eq!(md5_hex("abc"), "900150983cd24fb0d6963f7d28e17f72");
        // RFC 4231, test case 2
        assert_eq!(
            hmac_sha256_hex(b"Jefe", b"what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
