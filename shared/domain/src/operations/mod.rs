//! What operators see and do of the machinery: messages that wait or failed, dead letters, runs asked for, and who did
//! what. Most tables it looks at are the kernel's, which writes them; this room reads and repairs them for people. Runs asked
//! for (`job_requests`) are its own.

mod clear_away;
pub mod dead_letters;
pub(crate) mod entity;
mod exports;
pub mod job_catalogue;
mod job_detail;
pub mod job_requests;
mod model;
pub mod outbox_admin;
mod repo;

pub use clear_away::{Cleared, clear_away};
pub use exports::{count_export, record_export};
pub use job_detail::{JobDetail, JobSchedule, JobState, get_job, newest_of_jobs};
pub use repo::audit_entries::{AuditColumn, AuditEntry, AuditFilter, audit_entries};
pub use repo::job_runs::{JobRun, JobRunColumn, JobRunFilter, job_runs, newest_job_runs};
