//! Keeps what partners must not forget over a restart: the gateway's robots, people and groups, and WeChat Pay's
//! bills and authorisations. Without it, a product that kept its data would find its groups and payouts unknown.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::gateway::{Group, Person, Robot};
use crate::partners::Partners;
use crate::wxpay::{Authorizations, Bills};

/// Time between two looks at whether something changed.
const INTERVAL: Duration = Duration::from_secs(2);

#[derive(Deserialize)]
struct Kept {
    robots: BTreeMap<String, Robot>,
    groups: BTreeMap<String, Group>,
    people: BTreeMap<String, Person>,
    bills: Bills,
    authorizations: Authorizations,
}

/// [`Kept`] without a copy of every group.
#[derive(Serialize)]
struct Keep<'a> {
    robots: &'a BTreeMap<String, Robot>,
    groups: &'a BTreeMap<String, Group>,
    people: &'a BTreeMap<String, Person>,
    bills: &'a Bills,
    authorizations: &'a Authorizations,
}

/// Reads the file, if it is there, into the partners' books.
pub fn load(partners: &Partners, path: &Path) -> Result<()> {
    let text = match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        other => other.with_context(|| format!("cannot read {}", path.display()))?,
    };
    let kept: Kept = serde_json::from_slice(&text)
        .with_context(|| format!("{} is not a file of books", path.display()))?;
    {
        let mut books = partners.gateway.books();
        (books.robots, books.groups, books.people) = (kept.robots, kept.groups, kept.people);
    }
    let mut books = partners.wxpay.books();
    (books.bills, books.authorizations) = (kept.bills, kept.authorizations);
    Ok(())
}

/// Writes the books; a crash leaves the old file or the new one.
pub fn save(partners: &Partners, path: &Path) -> Result<()> {
    write(&text(partners)?, path)
}

/// Writes the books whenever they have changed, for ever.
pub async fn keep(partners: Arc<Partners>, path: impl AsRef<Path>) {
    let mut written = Vec::new();
    loop {
        tokio::time::sleep(INTERVAL).await;
        let changed = text(&partners).and_then(|text| {
            if text != written {
                write(&text, path.as_ref())?;
                written = text;
            }
            Ok(())
        });
        if let Err(error) = changed {
            tracing::warn!("books: {error:#}");
        }
    }
}

fn text(partners: &Partners) -> Result<Vec<u8>> {
    let gateway = partners.gateway.books();
    let wxpay = partners.wxpay.books();
    let kept = Keep {
        robots: &gateway.robots,
        groups: &gateway.groups,
        people: &gateway.people,
        bills: &wxpay.bills,
        authorizations: &wxpay.authorizations,
    };
    Ok(serde_json::to_vec(&kept)?)
}

fn write(text: &[u8], path: &Path) -> Result<()> {
    let fresh = path.with_extension("new");
    fs::write(&fresh, text).with_context(|| format!("cannot write {}", fresh.display()))?;
    fs::rename(&fresh, path).with_context(|| format!("cannot replace {}", path.display()))
}
