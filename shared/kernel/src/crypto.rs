//! Digests, signatures and sealing, each in one line for its callers.

use super::error::{Error, Result};
use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::{digest, hkdf, hmac};
use md5::{Digest, Md5};

/// Lower-case hex of the MD5 of a text. Only for partners who know nothing better.
pub fn md5_hex(text: &str) -> String {
    hex::encode(Md5::digest(text.as_bytes()))
}

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

/// An HMAC-SHA256.
pub fn hmac_sha256(secret: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message)
        .as_ref()
        .to_vec()
}

/// Lower-case hex of an HMAC-SHA256.
pub fn hmac_sha256_hex(secret: &[u8], message: &[u8]) -> String {
    hex::encode(hmac_sha256(secret, message))
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
    same_bytes(left.as_bytes(), right.as_bytes())
}

/// The same of bytes.
pub fn same_bytes(left: &[u8], right: &[u8]) -> bool {
    use subtle::ConstantTimeEq;
    left.ct_eq(right).into()
}

/// AES-256-GCM under a random nonce, which stands in front. `bound` is not in the result, but it does not open without.
///
/// # Errors
/// When the key has not 32 bytes.
pub fn seal(key: &[u8], bound: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
    let key =
        RandomizedNonceKey::new(&AES_256_GCM, key).map_err(|_| Error::internal("a key has not 32 bytes"))?;
    let mut sealed = plain.to_vec();
    let nonce = key
        .seal_in_place_append_tag(Aad::from(bound), &mut sealed)
        .map_err(|_| Error::internal("sealing failed"))?;
    let mut whole = nonce.as_ref().to_vec();
    whole.append(&mut sealed);
    Ok(whole)
}

/// What [`seal`] sealed; none when it was another key, or was bound to something else, or was altered.
pub fn open(key: &[u8], bound: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let key = RandomizedNonceKey::new(&AES_256_GCM, key).ok()?;
    let (nonce, text) = sealed.split_at_checked(12)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut text = text.to_vec();
    let plain = key.open_in_place(nonce, Aad::from(bound), &mut text).ok()?;
    Some(plain.to_vec())
}

/// A key for one purpose, of a key for many: HKDF-SHA256 (RFC 5869) without salt.
///
/// # Errors
/// Never for keys and purposes of these lengths.
pub fn derive_key(key: &[u8], purpose: &str) -> Result<[u8; 32]> {
    let failed = |_| Error::internal("a key could not be derived");
    let mut derived = [0; 32];
    let parts = [purpose.as_bytes()];
    let secret = hkdf::Salt::new(hkdf::HKDF_SHA256, &[]).extract(key);
    let output = secret.expand(&parts, hkdf::HKDF_SHA256).map_err(failed)?;
    output.fill(&mut derived).map_err(failed)?;
    Ok(derived)
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
    fn sealed_data_opens_unless_altered_or_bound_to_something_else() {
        let key = [7; 32];
        let mut sealed = seal(&key, b"row 1", b"11010519491231002X").unwrap();
        assert_eq!(open(&key, b"row 1", &sealed).unwrap(), b"11010519491231002X");
        assert_eq!(open(&key, b"row 2", &sealed), None);
        assert_eq!(open(&[8; 32], b"row 1", &sealed), None);
        *sealed.last_mut().unwrap() ^= 1;
        assert_eq!(open(&key, b"row 1", &sealed), None);
        assert_eq!(open(&key, b"row 1", b"short"), None);
    }

    #[test]
    fn a_derived_key_matches_the_published_vector() {
        // RFC 5869, test case 3, of which the first 32 bytes
        assert_eq!(
            hex::encode(derive_key(&[0x0b; 22], "").unwrap()),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
        );
        assert_ne!(
            derive_key(&[1; 32], "a").unwrap(),
            derive_key(&[1; 32], "b").unwrap()
        );
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
