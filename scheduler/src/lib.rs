//! The background binary: robot events in, outbox out, and the daily jobs.

pub mod by_hand;
pub mod connections;
pub mod consumers;
pub mod engine;
pub mod health;
pub mod job;
pub mod jobs;
pub mod registry;
pub mod relay;
pub mod requests;
pub mod run;
pub mod timetable;
pub mod workers;
