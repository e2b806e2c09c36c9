//! Passwords and keys that are made up at the first start.

/// `bytes` random bytes from the operating system's generator, as lower-case hex. For passwords and keys.
///
/// # Panics
/// When the operating system has no randomness to give.
pub fn random_hex(bytes: usize) -> String {
    let mut buffer = vec![0_u8; bytes];
    rand::fill(&mut buffer[..]);
    hex::encode(buffer)
}
