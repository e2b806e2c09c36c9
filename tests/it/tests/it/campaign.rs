//! A short kill campaign: everybody once. `cargo xtask campaign` runs a long one.

use it::campaign::{self, Campaign, Victim};
use stack::random_hex;
use std::collections::BTreeSet;

#[tokio::test(flavor = "multi_thread")]
async fn days_with_kills_come_to_the_same_as_days_without() {
    let campaign = Campaign {
        kills: 8,
        seed: 7,
        folder: std::env::temp_dir().join(format!("gpet-campaign-{}", random_hex(6))),
    };
    let report = campaign::run(&campaign, &|line| eprintln!("{line}"))
        .await
        .expect("a campaign that proves everything");
    let victims: BTreeSet<Victim> = report.kills.iter().map(|kill| kill.victim).collect();
    assert_eq!(victims.len(), 8, "{report}");
    std::fs::remove_dir_all(campaign.folder).expect("the folder is ours");
}
