//! The committed description is the one the code makes.

#[test]
fn the_committed_description_is_current() {
    let committed = include_str!("../openapi.json");
    let made = api::description().unwrap();
    assert!(
        committed == made,
        "api/openapi.json is out of date; renew it with: cargo run -p api -- openapi > api/openapi.json.new && mv api/openapi.json.new api/openapi.json"
    );
}
