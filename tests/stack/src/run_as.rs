//! Under which user PostgreSQL runs, and who owns its data, when we are root and when not.

use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use nix::unistd::{User, geteuid};

/// Under which user PostgreSQL runs: it refuses to run as root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RunAs {
    /// We are not root, so as ourselves.
    Ourselves,
    /// As an unprivileged user who owns the data.
    User { uid: u32, gid: u32 },
    /// As root in a user namespace without a mapping: the kernel still sees the owner of the data, which may lie below
    /// folders that only root can enter, while the program sees the "nobody" of unmapped ids.
    HiddenRoot,
}

impl RunAs {
    /// Picks the way that works for this folder, which must exist; one without data changes its owner as needed.
    ///
    /// # Errors
    /// When we are root and neither way works.
    pub(crate) fn choose(home: &Path, program: &Path) -> Result<Self> {
        if !geteuid().is_root() {
            return Ok(Self::Ourselves);
        }
        let owner = home
            .metadata()
            .with_context(|| format!("cannot read {}", home.display()))?;
        let fresh = !home.join("data").exists();
        let user = match (fresh, owner.uid()) {
            (true, _) => unprivileged(),
            (false, 0) => None,
            (false, uid) => Some((uid, owner.gid())),
        };
        if let Some((uid, gid)) = user {
            let way = Self::User { uid, gid };
            if fresh {
                chown(home, Some(uid), Some(gid))?;
            }
            if way.reaches(home, program) {
                return Ok(way);
            }
            if !fresh {
                bail!(
                    "{} belongs to user {uid}, who cannot enter it any more; has the folder been moved?",
                    home.display()
                );
            }
            chown(home, Some(0), Some(0))?;
        }
        if Self::HiddenRoot.reaches(home, program) {
            return Ok(Self::HiddenRoot);
        }
        bail!(
            "PostgreSQL does not run as root: {} must lie below folders that every user can enter, or the kernel must \
             allow user namespaces (unshare -U)",
            home.display()
        )
    }

    /// Makes a file of ours the user's.
    ///
    /// # Errors
    /// When we may not.
    pub(crate) fn give(&self, path: &Path) -> Result<()> {
        if let Self::User { uid, gid } = self {
            chown(path, Some(*uid), Some(*gid))
                .with_context(|| format!("cannot give away {}", path.display()))?;
        }
        Ok(())
    }

    /// The command line that goes before the program's own.
    pub(crate) fn wrapper(&self) -> Vec<String> {
        match self {
            Self::Ourselves => Vec::new(),
            Self::User { uid, gid } => {
                let ids = [format!("--reuid={uid}"), format!("--regid={gid}")];
                ["setpriv".to_owned()]
                    .into_iter()
                    .chain(ids)
                    .chain(["--clear-groups".into(), "--".into()])
                    .collect()
            }
            Self::HiddenRoot => ["unshare", "-U", "--"].map(Into::into).to_vec(),
        }
    }

    fn reaches(&self, home: &Path, program: &Path) -> bool {
        let wrapper = self.wrapper();
        Command::new(&wrapper[0])
            .args(&wrapper[1..])
            .args(["sh", "-c", r#"test -w "$0" && test -x "$0" && test -x "$1""#])
            .args([home, program])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }
}

fn unprivileged() -> Option<(u32, u32)> {
    let user = ["postgres", "nobody"]
        .into_iter()
        .find_map(|name| User::from_name(name).ok().flatten())?;
    Some((user.uid.as_raw(), user.gid.as_raw()))
}
