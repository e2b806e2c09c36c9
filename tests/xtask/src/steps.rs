//! What the commands tell people while they work.

use std::time::Instant;

/// Tells people what is being done, each line with the time since the start.
#[derive(Debug, Clone, Copy)]
pub struct Steps {
    started: Instant,
    aside: bool,
}

impl Steps {
    /// Starts the clock.
    pub fn begin() -> Self {
        Self {
            started: Instant::now(),
            aside: false,
        }
    }

    /// The same on standard error, for commands whose standard output is their answer.
    pub fn aside() -> Self {
        Self {
            aside: true,
            ..Self::begin()
        }
    }

    /// One line.
    pub fn say(&self, line: &str) {
        let line = format!("[{:>4}s] {line}", self.started.elapsed().as_secs());
        if self.aside {
            eprintln!("{line}");
        } else {
            println!("{line}");
        }
    }
}
