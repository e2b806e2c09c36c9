//! How runs stand.

crate::named! {
    /// How a dated job's run stands.
    pub enum RunState {
        /// Its time has come.
        Due = "due",
        /// Somebody works on it.
        Running = "running",
        /// It is done.
        Done = "done",
        /// It failed, and is tried again.
        Failed = "failed",
        /// A later one made it needless.
        Skipped = "skipped",
    }
}
