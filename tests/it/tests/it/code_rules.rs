//! Rules that the text of the sources shows.

use anyhow::Result;
use it::sources::rust_files;
use std::path::Path;

/// Files of rooms that move money which look at this machine's clock, to show something.
const SHOWN_BY_THE_MACHINES_TIME: [&str; 5] = [
    "ledger/movements.rs",
    "ledger/repo/slips.rs",
    "ledger/statement.rs",
    "settlement/group_detail.rs",
    "settlement/user_groups.rs",
];

/// The files below a folder of the checkout, by their path in it, that have one of these words; and how many there are.
fn files_with(folder: &str, words: &[&str]) -> Result<(Vec<String>, usize)> {
    let folder = stack::checkout()?.join(folder);
    let files = rust_files(&folder)?;
    let mut found = Vec::new();
    for file in &files {
        let text = std::fs::read_to_string(file)?;
        if words.iter().any(|word| text.contains(word)) {
            found.push(relative(file, &folder)?);
        }
    }
    found.sort();
    Ok((found, files.len()))
}

fn relative(file: &Path, folder: &Path) -> Result<String> {
    Ok(file.strip_prefix(folder)?.to_string_lossy().into_owned())
}

/// Handlers call use cases, which choose their connection themselves.
#[test]
fn no_handler_takes_a_connection() -> Result<()> {
    let mut handlers = 0;
    for folder in ["console", "h5", "partner"] {
        let (taking, files) = files_with(&format!("api/src/{folder}"), &[".db."])?;
        assert_eq!(taking, [""; 0], "{folder}");
        handlers += files;
    }
    assert!(handlers > 30, "handlers are found: {handlers}");
    Ok(())
}

/// A machine whose clock is wrong must neither book on a wrong date nor clear away what is not old.
#[test]
fn money_goes_by_the_time_of_the_database() -> Result<()> {
    let mut by_the_machine = Vec::new();
    for room in ["ledger", "settlement", "withdrawal"] {
        let (looking, _) = files_with(
            &format!("shared/domain/src/{room}"),
            &["clock.now()", "clock.today()"],
        )?;
        by_the_machine.extend(looking.into_iter().map(|file| format!("{room}/{file}")));
    }
    assert_eq!(by_the_machine, SHOWN_BY_THE_MACHINES_TIME);
    let (looking, _) = files_with("shared/domain/src/operations", &["clock.now()"])?;
    assert!(!looking.contains(&"clear_away.rs".to_owned()));
    Ok(())
}
