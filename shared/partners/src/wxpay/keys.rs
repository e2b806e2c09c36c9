//! RSA keys from PEM files: ours to sign with, the platform's to verify with.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};
use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::error::{Error, Result};

/// The merchant's private key.
pub(super) struct MerchantKey(KeyPair);

impl MerchantKey {
    /// Reads PKCS#8 or PKCS#1 from the file that `key` of the configuration names.
    pub(super) fn read(key: &'static str, path: &str) -> Result<Self> {
        let (label, der) = read_pem(key, path)?;
        let pair = match label.as_str() {
            "PRIVATE KEY" => KeyPair::from_pkcs8(&der),
            "RSA PRIVATE KEY" => KeyPair::from_der(&der),
            _ => return Err(wrong(key, path, "holds no private key")),
        };
        pair.map(MerchantKey)
            .map_err(|_| wrong(key, path, "holds no RSA private key"))
    }

    /// RSA-SHA256 in base64.
    pub(super) fn sign(&self, message: &[u8]) -> Result<String> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| Error::internal("signing with the merchant's key failed"))?;
        Ok(STANDARD.encode(signature))
    }
}

/// The platform's public key.
pub(super) struct PlatformKey(ParsedPublicKey);

impl PlatformKey {
    /// Reads SubjectPublicKeyInfo from the file that `key` of the configuration names.
    pub(super) fn read(key: &'static str, path: &str) -> Result<Self> {
        let (label, der) = read_pem(key, path)?;
        if label != "PUBLIC KEY" {
            return Err(wrong(key, path, "holds no public key"));
        }
        ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der)
            .map(PlatformKey)
            .map_err(|_| wrong(key, path, "holds no RSA public key"))
    }

    /// Whether the base64 signature is the platform's over this message.
    pub(super) fn verifies(&self, message: &[u8], signature: &str) -> bool {
        STANDARD
            .decode(signature)
            .is_ok_and(|signature| self.0.verify_sig(message, &signature).is_ok())
    }
}

fn wrong(key: &'static str, path: &str, complaint: &str) -> Error {
    Error::params(key, format!("configuration: {key}: {path} {complaint}"))
}

/// Label and content of the first block of a PEM file.
fn read_pem(key: &'static str, path: &str) -> Result<(String, Vec<u8>)> {
    if path.is_empty() {
        return Err(Error::params(key, format!("configuration: {key} is missing")));
    }
    let text = std::fs::read_to_string(path)
        .map_err(|error| wrong(key, path, &format!("cannot be read: {error}")))?;
    parse_pem(&text).ok_or_else(|| wrong(key, path, "is not PEM"))
}

fn parse_pem(text: &str) -> Option<(String, Vec<u8>)> {
    let (_, rest) = text.split_once("-----BEGIN ")?;
    let (label, rest) = rest.split_once("-----")?;
    let (body, _) = rest.split_once(&format!("-----END {label}-----"))?;
    let base64: String = body.split_whitespace().collect();
    Some((label.to_owned(), STANDARD.decode(base64).ok()?))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
    use aws_lc_rs::rsa::KeySize;
    use aws_lc_rs::signature::KeyPair as _;
    use std::path::PathBuf;

    /// A fresh key pair in two PEM files.
    pub(in super::super) struct KeyFiles {
        pub(in super::super) private: PathBuf,
        pub(in super::super) public: PathBuf,
    }

    impl KeyFiles {
        pub(in super::super) fn generate() -> Self {
            let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
            let private: Pkcs8V1Der<'_> = pair.as_der().unwrap();
            let public: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
            let name = kernel::id::new_uuid();
            let write = |kind: &str, label: &str, der: &[u8]| {
                let path = std::env::temp_dir().join(format!("gpet-{name}-{kind}.pem"));
                let body = STANDARD.encode(der);
                std::fs::write(
                    &path,
                    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n"),
                )
                .unwrap();
                path
            };
            KeyFiles {
                private: write("private", "PRIVATE KEY", private.as_ref()),
                public: write("public", "PUBLIC KEY", public.as_ref()),
            }
        }

        pub(in super::super) fn signer(&self) -> MerchantKey {
            MerchantKey::read("k", self.private.to_str().unwrap()).unwrap()
        }
    }

    impl Drop for KeyFiles {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.private);
            let _ = std::fs::remove_file(&self.public);
        }
    }

    #[test]
    fn a_signature_verifies_with_its_own_key_only() {
        let (ours, other) = (KeyFiles::generate(), KeyFiles::generate());
        let signature = ours.signer().sign(b"message").unwrap();
        let read = |files: &KeyFiles| PlatformKey::read("k", files.public.to_str().unwrap()).unwrap();
        assert!(read(&ours).verifies(b"message", &signature));
        assert!(!read(&ours).verifies(b"messagf", &signature));
        assert!(!read(&other).verifies(b"message", &signature));
        assert!(!read(&ours).verifies(b"message", "not base64!"));
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said_with_its_variable() {
        let files = KeyFiles::generate();
        let message = |path: &str| {
            MerchantKey::read("wxpay.key_path (X)", path)
                .err()
                .unwrap()
                .message
        };
        assert!(message("").contains("wxpay.key_path (X) is missing"));
        assert!(message("/nowhere/key.pem").contains("wxpay.key_path (X): /nowhere/key.pem cannot be read"));
        assert!(message(files.public.to_str().unwrap()).contains("holds no private key"));
    }
}
