//! What operators see and do of the machinery: messages that wait or failed, dead letters, runs asked for, and who did
//! what. The tables belong to the kernel, which writes them; this room reads and repairs them for people.

pub mod audit;
pub mod dead_letters;
pub(crate) mod entity;
pub mod exports;
pub mod housekeeping;
pub mod job_catalogue;
pub mod job_requests;
pub mod outbox_admin;
