//! Every query of the room, by theme.

pub(super) mod audit_entries;
pub(super) mod clearing;
pub(super) mod dead_letters;
pub(super) mod job_requests;
pub(super) mod job_runs;
pub(super) mod outbox;
