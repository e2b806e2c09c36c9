//! What every room stands on, against real PostgreSQL and many at once.

mod autocommit;
mod idempotency;
mod inbox;
mod job_run;
mod outbox;
mod partitions;
mod readiness;
