//! The file of a mini-program: base64 of its XML, fetched from where the task says.

use super::model::Item;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use kernel::config::Profile;
use partners::public_http::PublicHttp;
use std::time::Duration;

/// How long a file may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes a file may have. Its XML is kept once a group.
const LARGEST: usize = 64 * 1024;

/// The XML of a mini-program.
///
/// # Errors
/// Why there is none, in words for operators.
pub(super) async fn xml(profile: Profile, item: &Item) -> Result<String, String> {
    let file = PublicHttp::new(profile, TIMEOUT)
        .get(&item.file_path, LARGEST)
        .await;
    let file = file.map_err(|why| format!("filePath of the mini-program {why}"))?;
    match file.status {
        200 => decode(&file.body),
        status => Err(format!("filePath of the mini-program answered HTTP {status}")),
    }
}

fn decode(file: &[u8]) -> Result<String, String> {
    let packed: Vec<u8> = file
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    let xml = BASE64_STANDARD.decode(packed).ok();
    let xml = xml.and_then(|xml| String::from_utf8(xml).ok());
    xml.filter(|xml| !xml.is_empty() && !xml.contains('\0'))
        .ok_or_else(|| "filePath of the mini-program is not base64 of XML".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_base64_of_text() {
        assert_eq!(decode(b"PG1z\nZz4=\n").unwrap(), "<msg>");
        for file in [&b""[..], b"<msg>", b"/w==", b"AA=="] {
            assert!(decode(file).is_err(), "{file:?}");
        }
    }
}
