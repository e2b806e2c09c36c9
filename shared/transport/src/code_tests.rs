use super::*;
use proptest::prelude::*;

/// A network of this test's own; registering it concerns only codes that begin with its name.
fn network(name: &str) -> Network {
    let network: Network = name.parse().unwrap();
    network.register();
    network
}

#[test]
fn the_gateways_codes_are_bare_and_all_others_carry_their_network() {
    let other = network("codesa");
    let ours = GroupCode::on(&Network::gateway(), "G-1").unwrap();
    let theirs = GroupCode::on(&other, "G-1").unwrap();
    assert_eq!((ours.as_str(), theirs.as_str()), ("G-1", "codesa:G-1"));
    assert_eq!((ours.bare(), theirs.bare()), ("G-1", "G-1"));
    assert_eq!((ours.network(), theirs.network()), (Network::gateway(), other));
    assert_ne!(ours, theirs);
}

#[test]
fn a_gateway_code_that_reads_like_another_networks_is_refused() {
    let other = network("codesb");
    for wrong in ["codesb:7001", "codesb:", "gateway:G-1"] {
        let error = GroupCode::on(&Network::gateway(), wrong).unwrap_err();
        assert_eq!(error.in_field("group_id").field.as_deref(), Some("group_id"));
    }
    for fine in ["codesb", ":codesb:1", "CODESB:1", "nobody:1", "a:b:c"] {
        let code = GroupCode::on(&Network::gateway(), fine).unwrap();
        assert_eq!((code.network(), code.bare()), (Network::gateway(), fine));
    }
    // Only the gateway's are bare: within another network a colon means nothing.
    let code = GroupCode::on(&other, "gateway:1").unwrap();
    assert_eq!((code.as_str(), code.bare()), ("codesb:gateway:1", "gateway:1"));
}

#[test]
fn a_code_has_1_to_255_characters_and_no_control_characters() {
    let other = network("codesc");
    let gateway = Network::gateway();
    for fine in ["U", "用户", &"群".repeat(255), &"😀".repeat(255)] {
        assert_eq!(UserCode::on(&gateway, fine).unwrap().as_str(), fine);
    }
    for wrong in [
        "",
        "a\0b",
        "a\nb",
        &"U".repeat(256),
        &"😀".repeat(256),
        &"U".repeat(9000),
    ] {
        assert_eq!(UserCode::on(&gateway, wrong), Err(InvalidCode::Shape));
        assert_eq!(UserCode::on(&other, wrong), Err(InvalidCode::Shape));
        assert_eq!(wrong.parse::<UserCode>(), Err(InvalidCode::Shape));
    }
    assert!(UserCode::on(&other, &"U".repeat(248)).is_ok());
    assert_eq!(UserCode::on(&other, &"U".repeat(249)), Err(InvalidCode::Shape));
    assert_eq!("codesc:".parse::<UserCode>(), Err(InvalidCode::Shape));
    assert!("gateway:U".parse::<UserCode>().is_err());
}

#[test]
fn json_has_the_stored_form_and_refuses_what_is_no_code() {
    let code: RobotCode = serde_json::from_str("\"R-1\"").unwrap();
    assert_eq!(serde_json::to_string(&code).unwrap(), "\"R-1\"");
    assert!(serde_json::from_str::<RobotCode>("\"\\u0000\"").is_err());
}

proptest! {
    #[test]
    fn what_is_read_is_written_the_same(bare in "\\PC{1,200}", elsewhere in any::<bool>()) {
        let network = match elsewhere { true => network("codesd"), false => Network::gateway() };
        if let Ok(code) = GroupCode::on(&network, &bare) {
            prop_assert_eq!(code.bare(), &bare);
            prop_assert_eq!(code.network(), network);
            prop_assert_eq!(code.to_string().parse::<GroupCode>(), Ok(code));
        }
    }

    #[test]
    fn no_two_networks_have_a_stored_code_in_common(ours in "(codese:)?[a-z:]{1,8}", theirs in "[a-z:]{1,8}") {
        let other = network("codese");
        let theirs = UserCode::on(&other, &theirs).unwrap();
        if let Ok(ours) = UserCode::on(&Network::gateway(), &ours) {
            prop_assert_ne!(ours, theirs);
        }
    }
}
