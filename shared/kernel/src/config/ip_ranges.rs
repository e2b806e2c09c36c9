//! Whose word is believed about where a request comes from.

use ipnet::IpNet;
use serde::Deserialize;
use std::net::IpAddr;
use std::ops::Deref;

/// IpRanges, written `127.0.0.1/32, ::1/128` or, where there are none, `none`. An address alone is a network of one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct IpRanges(Option<Vec<IpNet>>);

impl IpRanges {
    /// Whether the text was such networks. The configuration's validation refuses what was not.
    pub fn is_valid(&self) -> bool {
        self.0.is_some()
    }
}

impl Deref for IpRanges {
    type Target = [IpNet];

    fn deref(&self) -> &[IpNet] {
        self.0.as_deref().unwrap_or_default()
    }
}

impl From<String> for IpRanges {
    fn from(text: String) -> Self {
        if text == "none" {
            return IpRanges(Some(Vec::new()));
        }
        IpRanges(text.split(',').map(|net| network(net.trim())).collect())
    }
}

/// With bits beyond its mask, or the mask of everybody, it is a slip of the pen.
fn network(text: &str) -> Option<IpNet> {
    let net = text
        .parse::<IpAddr>()
        .map(IpNet::from)
        .or_else(|_| text.parse::<IpNet>())
        .ok()?;
    (net == net.trunc() && net.prefix_len() > 0).then_some(net)
}
