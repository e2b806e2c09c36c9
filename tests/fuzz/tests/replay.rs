//! What is committed goes through the same functions that libFuzzer calls: the examples that it starts from, and every
//! input that once broke something.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use fuzz::TARGETS;

fn inputs(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

fn seeds() -> PathBuf {
    stack::checkout().unwrap().join("tests/fuzz/seeds")
}

#[test]
fn every_committed_input_keeps_what_its_target_promises() {
    let mut broken = Vec::new();
    for target in TARGETS {
        for input in inputs(&seeds().join(target.name)) {
            let data = fs::read(&input).unwrap();
            if std::panic::catch_unwind(|| (target.read)(&data)).is_err() {
                broken.push(input);
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// `cargo xtask fuzz` knows the targets by these folders.
#[test]
fn every_target_has_its_folder_and_every_folder_its_target() {
    let folders: BTreeSet<String> = inputs(&seeds())
        .iter()
        .map(|folder| folder.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    let names: BTreeSet<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    assert_eq!(folders, names);
    for target in TARGETS {
        assert!(inputs(&seeds().join(target.name)).len() >= 2, "{}", target.name);
    }
}
