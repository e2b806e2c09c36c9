use std::path::{Path, PathBuf};

/// The root of the checkout that this program was built from.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

/// Where everything that runs keeps its data; ignored by git.
pub fn data() -> PathBuf {
    root().join(".gpet")
}

/// Log files of everything that `up` starts, except the servers'.
pub fn logs() -> PathBuf {
    data().join("logs")
}

/// What scripts and people read to connect.
pub fn env_file() -> PathBuf {
    data().join("env")
}
