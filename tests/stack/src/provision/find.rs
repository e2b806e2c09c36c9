//! Looks for the servers' programs on this machine.

use std::fmt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::Servers;

/// The oldest PostgreSQL that has all we use.
const POSTGRES_VERSION: u32 = 15;

/// What must lie together: single programs elsewhere may be of another version.
const POSTGRES_PROGRAMS: [&str; 5] = ["initdb", "postgres", "pg_ctl", "psql", "pgbench"];

/// The servers that were not found, as Debian's package names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Missing(pub(super) Vec<&'static str>);

impl fmt::Display for Missing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.join(", "))
    }
}

/// Looks where Debian and others install the servers, and in `PATH`.
pub(super) fn find() -> Result<Servers, Missing> {
    let folders = folders();
    let postgres = postgres_bin(Path::new("/usr/lib/postgresql"), &folders);
    let redis = in_folders("redis-server", &folders);
    let rabbitmq = rabbitmq_sbin(Path::new("/usr/lib/rabbitmq/lib"));
    let (erl, epmd) = (in_folders("erl", &folders), in_folders("epmd", &folders));
    match (postgres, redis, rabbitmq, erl, epmd) {
        (Some(postgres_bin), Some(redis_server), Some(rabbitmq_sbin), Some(erl), Some(epmd)) => Ok(Servers {
            postgres_bin,
            redis_server,
            rabbitmq_sbin,
            erlang_bin: erl.parent().map_or_else(|| "/usr/bin".into(), Path::to_owned),
            epmd,
        }),
        (postgres, redis, rabbitmq, erl, epmd) => {
            let broker = rabbitmq.is_some() && erl.is_some() && epmd.is_some();
            let found = [
                ("postgresql", postgres.is_some()),
                ("redis-server", redis.is_some()),
                ("rabbitmq-server", broker),
            ];
            Err(Missing(
                found
                    .into_iter()
                    .filter(|(_, found)| !found)
                    .map(|(name, _)| name)
                    .collect(),
            ))
        }
    }
}

/// The first program of this name in `PATH`.
pub(super) fn search(program: &str) -> Option<PathBuf> {
    in_folders(program, &folders())
}

#[allow(
    clippy::disallowed_methods,
    reason = "PATH belongs to the machine, it is no configuration of ours"
)]
fn folders() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).chain(["/usr/sbin".into()]).collect()
}

/// Debian keeps a folder for each major version; the newest wins. Elsewhere only a folder that has all programs counts.
fn postgres_bin(debian: &Path, folders: &[PathBuf]) -> Option<PathBuf> {
    let mut versions: Vec<u32> = entries(debian)
        .filter_map(|path| path.file_name()?.to_str()?.parse().ok())
        .collect();
    versions.sort_unstable_by(|one, other| other.cmp(one));
    let recent = versions
        .into_iter()
        .filter(|&version| version >= POSTGRES_VERSION);
    let complete = |folder: &PathBuf| {
        POSTGRES_PROGRAMS
            .iter()
            .all(|program| executable(&folder.join(program)))
    };
    recent
        .map(|version| debian.join(version.to_string()).join("bin"))
        .find(complete)
        .or_else(|| {
            folders
                .iter()
                .find(|folder| complete(folder) && recent_enough(folder))
                .cloned()
        })
}

fn recent_enough(folder: &Path) -> bool {
    let answer = std::process::Command::new(folder.join("postgres"))
        .arg("--version")
        .output();
    let version = answer
        .ok()
        .and_then(|answer| major(&String::from_utf8_lossy(&answer.stdout)));
    version.is_some_and(|version| version >= POSTGRES_VERSION)
}

/// The number in "postgres (PostgreSQL) 16.3 (Debian 16.3-1)".
fn major(version: &str) -> Option<u32> {
    let number = version
        .split_whitespace()
        .find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
    number
        .split(|character: char| !character.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

fn rabbitmq_sbin(lib: &Path) -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = entries(lib)
        .map(|path| path.join("sbin"))
        .filter(|sbin| executable(&sbin.join("rabbitmq-server")))
        .collect();
    folders.sort_unstable();
    folders.pop()
}

fn in_folders(program: &str, folders: &[PathBuf]) -> Option<PathBuf> {
    folders
        .iter()
        .map(|folder| folder.join(program))
        .find(|path| executable(path))
}

fn executable(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_postgres_prints() {
        assert_eq!(
            major("postgres (PostgreSQL) 15.8 (Debian 15.8-0+deb12u1)"),
            Some(15)
        );
        assert_eq!(major("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major("postgres"), None);
    }

    #[test]
    fn a_folder_without_all_programs_is_no_postgres() {
        assert_eq!(
            postgres_bin(Path::new("/nonexistent"), &["/bin".into(), "/nonexistent".into()]),
            None
        );
    }
}
