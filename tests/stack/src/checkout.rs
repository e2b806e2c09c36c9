//! Which checkout we are run in.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The environment variable with the folder of the programs that `cargo xtask` built from this checkout.
pub const PROGRAMS_VARIABLE: &str = "GPET_PROGRAMS";

/// What tells the root of a checkout from any other folder.
const MARK: &str = "tests/xtask/Cargo.toml";

/// The root of the checkout we are run in, found anew by every process: of two checkouts that share one target
/// directory, either may run a program that the other built.
///
/// Cargo and cargo-nextest name the package that they run in the environment; what was started by hand looks upward from
/// the working directory.
///
/// # Errors
/// When neither is inside a checkout.
pub fn checkout() -> Result<PathBuf> {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let here = std::env::current_dir().context("the working directory is gone")?;
    of_package_or_folder(package.as_deref(), &here)
}

fn of_package_or_folder(package: Option<&Path>, folder: &Path) -> Result<PathBuf> {
    let mut candidates = package.iter().copied().chain([folder]).flat_map(Path::ancestors);
    let root = candidates.find(|candidate| candidate.join(MARK).is_file());
    root.map(Path::to_owned)
        .with_context(|| format!("{} is in no checkout of gpet", folder.display()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::random_hex;

    #[test]
    fn the_package_is_asked_before_the_folder_and_either_may_be_deep_inside() {
        let folder = std::env::temp_dir().join(format!("gpet-checkouts-{}", random_hex(6)));
        let [ours, theirs] = ["ours", "theirs"].map(|name| folder.join(name));
        for checkout in [&ours, &theirs] {
            fs::create_dir_all(checkout.join("tests/xtask/src")).unwrap();
            fs::write(checkout.join(MARK), "").unwrap();
        }
        let found = |package: Option<&Path>, at: &Path| of_package_or_folder(package, at).ok();
        let (package, deep) = (ours.join("tests/xtask"), theirs.join("tests/xtask/src"));
        let asked = [
            found(Some(&package), &deep),
            found(None, &deep),
            found(Some(&folder), &deep),
            found(None, &folder),
        ];
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(asked, [Some(ours), Some(theirs.clone()), Some(theirs), None]);
    }
}
