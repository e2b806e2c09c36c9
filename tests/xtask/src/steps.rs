use std::time::Instant;

/// Tells people what is being done, each line with the time since the start.
#[derive(Debug)]
pub struct Steps {
    started: Instant,
}

impl Steps {
    /// Starts the clock.
    pub fn begin() -> Self {
        Self {
            started: Instant::now(),
        }
    }

    /// One line on standard output.
    pub fn say(&self, line: &str) {
        println!("[{:>4}s] {line}", self.started.elapsed().as_secs());
    }
}
