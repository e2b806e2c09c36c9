//! One built program serves every checkout that shares its target directory: each keeps to its own `.gpet`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder that counts as a checkout.
fn checkout(folder: &Path, name: &str) -> PathBuf {
    let root = folder.join(name);
    fs::create_dir_all(root.join("tests/xtask")).unwrap();
    fs::write(root.join("tests/xtask/Cargo.toml"), "").unwrap();
    root
}

/// `down` looks for a running `up` of its checkout, and there is none.
fn down(at: &Path, package: Option<&Path>) -> bool {
    let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"));
    xtask.arg("down").current_dir(at).env_remove("CARGO_MANIFEST_DIR");
    if let Some(package) = package {
        xtask.env("CARGO_MANIFEST_DIR", package);
    }
    xtask.output().unwrap().status.success()
}

/// The checkouts in which something was written; that is forgotten.
fn touched(checkouts: [&Path; 2]) -> Vec<&Path> {
    let mut touched = Vec::new();
    for checkout in checkouts {
        if fs::remove_dir_all(checkout.join(".gpet")).is_ok() {
            touched.push(checkout);
        }
    }
    touched
}

#[test]
fn one_program_run_from_two_checkouts_uses_the_data_of_each() {
    let folder = std::env::temp_dir().join(format!("gpet-two-checkouts-{}", stack::random_hex(6)));
    let (ours, theirs) = (checkout(&folder, "ours"), checkout(&folder, "theirs"));
    let both = [ours.as_path(), theirs.as_path()];
    let package = theirs.join("tests/xtask");
    let outcomes = [
        (down(&ours, None), touched(both)),
        (down(&package, None), touched(both)),
        // As `cargo run` does it: cargo names the package of the checkout it was called in.
        (down(&ours, Some(&ours.join("tests/xtask"))), touched(both)),
        (down(&folder, Some(&package)), touched(both)),
        (down(&folder, None), touched(both)),
    ];
    let expected = [
        (true, vec![ours.as_path()]),
        (true, vec![theirs.as_path()]),
        (true, vec![ours.as_path()]),
        (true, vec![theirs.as_path()]),
        (false, Vec::new()),
    ];
    let same = outcomes == expected;
    let seen = format!("{outcomes:?}");
    fs::remove_dir_all(&folder).unwrap();
    assert!(same, "{seen}");
}
