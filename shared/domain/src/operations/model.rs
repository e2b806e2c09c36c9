//! How runs that were asked for stand.

kernel::named! {
    /// How a run that was asked for stands.
    pub enum RequestState {
        /// It waits for a scheduler.
        Asked = "asked",
        /// A scheduler works on it.
        Running = "running",
        /// It is done.
        Done = "done",
        /// It failed.
        Failed = "failed",
    }
}
