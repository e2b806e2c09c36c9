//! The file of a mini-program: base64 of its XML, fetched from where the task says.

use super::model::Item;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use std::time::Duration;

/// How long a file may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes a file may have. Its XML is kept once a group.
const LARGEST: usize = 64 * 1024;

/// The XML of a mini-program.
///
/// # Errors
/// Why there is none, in words for operators.
pub(super) async fn xml(item: &Item) -> Result<String, String> {
    let url = Url::parse(&item.file_path)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .ok_or("filePath of the mini-program is no http address")?;
    decode(&fetch(url).await?)
}

async fn fetch(url: Url) -> Result<Vec<u8>, String> {
    let failed = |error: reqwest::Error| {
        format!(
            "filePath of the mini-program could not be fetched: {}",
            error.without_url()
        )
    };
    let client = Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .timeout(PATIENCE)
        .build()
        .map_err(failed)?;
    let mut response = client.get(url).send().await.map_err(failed)?;
    if response.status().as_u16() != 200 {
        return Err(format!(
            "filePath of the mini-program answered HTTP {}",
            response.status().as_u16()
        ));
    }
    let mut file = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if file.len() + chunk.len() > LARGEST {
            return Err(format!(
                "filePath of the mini-program has more than {LARGEST} bytes"
            ));
        }
        file.extend_from_slice(&chunk);
    }
    Ok(file)
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
