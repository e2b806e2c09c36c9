//! What every room needs, and nothing that only one room needs.

pub mod audit;
pub mod cache;
pub mod clock;
pub mod code;
pub mod config;
pub mod crypto;
pub mod db;
pub mod dead_letter;
pub mod enums;
pub mod error;
pub mod id;
pub mod idempotency;
pub mod inbox;
pub mod job_request;
pub mod job_run;
pub mod listing;
pub mod money;
pub mod openapi;
pub mod outbox;
pub mod page;
pub mod partitions;
pub mod readiness;
pub mod sent;
pub mod telemetry;
