//! A folder for one test.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use stack::random_hex;

/// A folder for one test, gone when dropped.
pub struct Folder(PathBuf);

impl Folder {
    /// `mode` decides whether other users may enter, and so under which user PostgreSQL can run.
    pub fn new(mode: u32) -> Self {
        let path = std::env::temp_dir().join(format!("stack-{}", random_hex(6)));
        fs::create_dir(&path).expect("the folder for temporary files is writable");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("the folder is ours");
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _kept_for_a_look = fs::remove_dir_all(&self.0);
    }
}
