//! What our robots say to people: the texts, in one place, and the way out.

mod repo;
mod say;
pub mod text;
pub mod throttle;

pub use say::{confide, say, show};
