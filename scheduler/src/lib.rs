//! The background binary: robot events in, outbox out, and the daily jobs.

pub mod consumers;
pub mod jobs;
pub mod relay;
