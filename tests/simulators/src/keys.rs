//! RSA keys of the two sides of WeChat Pay: ours as a merchant, and the platform's.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey};
use base64::{Engine, engine::general_purpose::STANDARD};

/// The four keys as PEM: PKCS#8 for private ones, SubjectPublicKeyInfo for public ones.
#[derive(Clone)]
pub struct Keys {
    /// What the merchant (the product) signs its calls with.
    pub merchant_private: String,
    /// What the simulator verifies those calls with.
    pub merchant_public: String,
    /// What the simulator signs its answers and notifications with.
    pub platform_private: String,
    /// What the product verifies those with.
    pub platform_public: String,
}

impl Keys {
    /// Two fresh RSA-2048 pairs.
    pub fn generate() -> Result<Self> {
        let (merchant_private, merchant_public) = pair()?;
        let (platform_private, platform_public) = pair()?;
        Ok(Self {
            merchant_private,
            merchant_public,
            platform_private,
            platform_public,
        })
    }

    /// Reads what [`Keys::init_dir`] wrote.
    pub fn from_dir(dir: &Path) -> Result<Self> {
        let read = |name: &str| {
            let path = dir.join(name);
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
        };
        Ok(Self {
            merchant_private: read("merchant_key.pem")?,
            merchant_public: read("merchant_public.pem")?,
            platform_private: read("platform_key.pem")?,
            platform_public: read("platform_public.pem")?,
        })
    }

    /// Writes whichever pairs are missing in `dir`. A private key that is there stays, so running it again
    /// changes nothing; its public half is written anew when it is gone.
    pub fn init_dir(dir: &Path) -> Result<Self> {
        fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
        for name in ["merchant", "platform"] {
            let private_path = dir.join(format!("{name}_key.pem"));
            let public_path = dir.join(format!("{name}_public.pem"));
            if !private_path.exists() {
                let (private, public) = pair()?;
                write(&private_path, &private, 0o600)?;
                write(&public_path, &public, 0o644)?;
            } else if !public_path.exists() {
                let private = SigningKey::from_pem(&fs::read_to_string(&private_path)?)?;
                write(&public_path, &private.public_pem()?, 0o644)?;
            }
        }
        Self::from_dir(dir)
    }
}

fn pair() -> Result<(String, String)> {
    let key = SigningKey::generate()?;
    let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&key.0).map_err(|_| anyhow!("cannot encode an RSA key"))?;
    Ok((pem("PRIVATE KEY", der.as_ref()), key.public_pem()?))
}

fn write(path: &Path, text: &str, mode: u32) -> Result<()> {
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(path)
        .with_context(|| format!("cannot write {}", path.display()))?;
    file.write_all(text.as_bytes())
        .with_context(|| format!("cannot write {}", path.display()))
}

/// An RSA key that signs (SHA-256, PKCS#1 v1.5, as WeChat Pay v3 wants it).
pub struct SigningKey(KeyPair);

impl SigningKey {
    /// A key nobody else has.
    pub fn generate() -> Result<Self> {
        let key = KeyPair::generate(KeySize::Rsa2048).map_err(|_| anyhow!("cannot generate an RSA key"))?;
        Ok(Self(key))
    }

    /// Reads a PKCS#8 PEM.
    pub fn from_pem(text: &str) -> Result<Self> {
        let key = KeyPair::from_pkcs8(&der(text)?).map_err(|e| anyhow!("not an RSA private key: {e}"))?;
        Ok(Self(key))
    }

    /// The signature of `message` in base64.
    pub fn sign(&self, message: &[u8]) -> String {
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .expect("signing with a valid key into a buffer of its size cannot fail");
        STANDARD.encode(signature)
    }

    fn public_pem(&self) -> Result<String> {
        let der = AsDer::<PublicKeyX509Der<'_>>::as_der(self.0.public_key())
            .map_err(|_| anyhow!("cannot encode an RSA public key"))?;
        Ok(pem("PUBLIC KEY", der.as_ref()))
    }
}

/// An RSA key that verifies what a [`SigningKey`] signed.
pub struct VerifyingKey(UnparsedPublicKey<Vec<u8>>);

impl VerifyingKey {
    /// Reads a SubjectPublicKeyInfo PEM.
    pub fn from_pem(text: &str) -> Result<Self> {
        Ok(Self(UnparsedPublicKey::new(
            &RSA_PKCS1_2048_8192_SHA256,
            der(text)?,
        )))
    }

    /// Whether `signature` (base64) belongs to `message`.
    pub fn verify(&self, message: &[u8], signature: &str) -> bool {
        STANDARD
            .decode(signature)
            .is_ok_and(|raw| self.0.verify(message, &raw).is_ok())
    }
}

/// The DER inside a PEM block.
pub(crate) fn der(text: &str) -> Result<Vec<u8>> {
    let body: String = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("-----"))
        .collect();
    ensure!(!body.is_empty(), "the PEM block is empty");
    STANDARD.decode(body).context("the PEM block is not base64")
}

fn pem(label: &str, der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let lines: Vec<&str> = body
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).expect("base64 is ASCII"))
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_byte_is_refused() {
        let keys = Keys::generate().unwrap();
        let signature = SigningKey::from_pem(&keys.merchant_private)
            .unwrap()
            .sign(b"pay 3.00");
        let verifier = VerifyingKey::from_pem(&keys.merchant_public).unwrap();
        assert!(verifier.verify(b"pay 3.00", &signature));
        assert!(!verifier.verify(b"pay 9.00", &signature));
        assert!(
            !VerifyingKey::from_pem(&keys.platform_public)
                .unwrap()
                .verify(b"pay 3.00", &signature)
        );
    }

    #[test]
    fn initialising_twice_keeps_the_keys() {
        use std::os::unix::fs::PermissionsExt;
        let dir = std::env::temp_dir().join(format!("simulator-keys-{}", uuid::Uuid::new_v4()));
        let first = Keys::init_dir(&dir).unwrap();
        fs::remove_file(dir.join("platform_public.pem")).unwrap();
        let second = Keys::init_dir(&dir).unwrap();
        assert_eq!(first.merchant_private, second.merchant_private);
        assert_eq!(first.platform_public, second.platform_public);
        let mode = fs::metadata(dir.join("merchant_key.pem"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::remove_dir_all(dir).unwrap();
    }
}
