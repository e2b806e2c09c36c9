//! What operators see across all rooms.

mod dashboard;
mod inbox;
mod search;
